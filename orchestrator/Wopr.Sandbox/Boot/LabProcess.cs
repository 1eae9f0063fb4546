using System.Diagnostics;

namespace Wopr.Sandbox.Boot;

/// <summary>A part of the lab: a process that goes on until its standard input closes.</summary>
internal static class LabProcess
{
    /// <summary>What it says goes to the end of a file.</summary>
    public static Process Start(string log, string command, params string[] arguments)
    {
        var start = new ProcessStartInfo("bash", ["-c", """exec "$@" >>"$0" 2>&1""", log, command, .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
        };
        return Process.Start(start) ?? throw new InvalidOperationException($"{command} did not start");
    }

    /// <summary>Closes its standard input; kills it when it takes longer than <paramref name="patience"/>.</summary>
    public static void End(Process process, TimeSpan patience)
    {
        process.StandardInput.Close();
        if (!process.WaitForExit(patience)) process.Kill(entireProcessTree: true);
        process.Dispose();
    }
}
