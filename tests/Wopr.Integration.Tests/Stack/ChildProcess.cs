using System.Collections.Concurrent;
using System.Diagnostics;
using Wopr.Tests.Support;

namespace Wopr.Integration.Tests.Stack;

/// <summary>One of WOPR's programs as a process of its own, which can be killed without warning.</summary>
public sealed class ChildProcess : IDisposable
{
    private static readonly ConcurrentDictionary<Process, byte> Running = new();

    private readonly ConcurrentQueue<string> lines = new();
    private readonly Process process;

    static ChildProcess() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        foreach (var left in Running.Keys) End(left);
    };

    private ChildProcess(Process process) => this.process = process;

    public int Id => process.Id;

    public bool HasExited => process.HasExited;

    /// <summary>Of a process that has exited.</summary>
    public int ExitCode => process.ExitCode;

    /// <summary>Everything that it has written so far, for a failing test.</summary>
    public string Output => string.Join('\n', lines);

    /// <summary>The whole suite runs on either profile: <c>WOPR_PROFILE=hangfire</c> starts that host in the core's place.</summary>
    private static string Host(string assembly) =>
        assembly == "Wopr.Orchestrator" && Environment.GetEnvironmentVariable("WOPR_PROFILE") == "hangfire" ? "Wopr.Hangfire" : assembly;

    public static ChildProcess Start(string assembly, IReadOnlyDictionary<string, string> environment)
    {
        assembly = Host(assembly);
        var configuration = AppContext.BaseDirectory.Contains("/Release/", StringComparison.Ordinal) ? "Release" : "Debug";
        return StartProgram(Repository.PathOf("orchestrator", assembly, "bin", configuration, "net10.0", assembly + ".dll"), environment);
    }

    /// <param name="program">The path of a built program, or of one that is published and starts by itself.</param>
    public static ChildProcess StartProgram(string program, IReadOnlyDictionary<string, string> environment)
    {
        string[] arguments = program.EndsWith(".dll", StringComparison.Ordinal) ? ["dotnet", program] : [program];
        var start = new ProcessStartInfo(arguments[0], arguments[1..]) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true, RedirectStandardInput = true };
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("WOPR_", StringComparison.Ordinal) || k is "HCLOUD_TOKEN" or "CLOUDFLARE_API_TOKEN").ToList())
            start.Environment.Remove(name);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        start.Environment["DOTNET_gcServer"] = "0";
        var child = new ChildProcess(new Process { StartInfo = start });
        child.process.OutputDataReceived += (_, line) => child.Keep(line.Data);
        child.process.ErrorDataReceived += (_, line) => child.Keep(line.Data);
        child.process.Start();
        child.process.BeginOutputReadLine();
        child.process.BeginErrorReadLine();
        Running[child.process] = 0;
        return child;
    }

    /// <summary>SIGKILL: the process has no chance to say or save anything.</summary>
    public void Kill()
    {
        End(process);
        process.WaitForExit();
    }

    public void Dispose()
    {
        Kill();
        Running.TryRemove(process, out _);
        process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is not null) lines.Enqueue(line);
    }

    private static void End(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended already.
        }
    }
}
