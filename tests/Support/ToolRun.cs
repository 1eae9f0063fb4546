using System.Diagnostics;

namespace Wopr.Tests.Support;

/// <summary>What a tool said, and how it ended.</summary>
public sealed record ToolRun(int ExitCode, string Output)
{
    /// <summary>Runs a tool to its end, within <paramref name="limit"/> (four minutes: for what hangs, also on a busy machine); <paramref name="input"/> is its standard input.</summary>
    public static ToolRun Of(string tool, IEnumerable<string> arguments, string input = "", IReadOnlyDictionary<string, string>? environment = null, TimeSpan? limit = null)
    {
        var start = new ProcessStartInfo(Tool.Find(tool) ?? tool)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        if (process.WaitForExit(limit ?? TimeSpan.FromMinutes(4))) return new ToolRun(process.ExitCode, output.Result + errors.Result);
        process.Kill(entireProcessTree: true);
        throw new TimeoutException($"{tool} ran for too long");
    }

    /// <summary>Fails the test with the tool's own words unless it ended well.</summary>
    public void ShouldSucceed() => ExitCode.ShouldBe(0, Output);
}
