using System.Diagnostics;
using Wopr.Tests.Support;

namespace Wopr.Integration.Tests.Stack;

/// <summary>One more service process on the database of a stack, with a port of its own.</summary>
public sealed class WoprNode(IReadOnlyDictionary<string, string> environment, int port, string? program = null) : IDisposable
{
    private ChildProcess? process;

    public HttpClient Http { get; } = new() { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromSeconds(60) };

    public ChildProcess Process => process ?? throw new InvalidOperationException("the node was never started");

    /// <summary>All that its processes have written, the former ones' too.</summary>
    public string Output { get; private set; } = "";

    public async Task StartAsync()
    {
        process = program is null ? ChildProcess.Start("Wopr.Orchestrator", environment) : ChildProcess.StartProgram(program, environment);
        await WoprStack.AnswersAsync(new Uri(Http.BaseAddress!, "/api/health"), process);
    }

    public async Task KillAndStartAsync()
    {
        Process.Kill();
        await StartAgainAsync();
    }

    /// <summary>As an update does: told to stop, it gives back what it drives; then the next version starts.</summary>
    public async Task<TimeSpan> StopAndStartAsync()
    {
        var clock = Stopwatch.StartNew();
        await StopAsync();
        var took = clock.Elapsed;
        await StartAgainAsync();
        return took;
    }

    public async Task StopAsync()
    {
        Signal("TERM");
        await Patience.UntilAsync(() => Process.HasExited, () => "it does not stop", TimeSpan.FromSeconds(60));
        Process.ExitCode.ShouldBe(0, Process.Output);
    }

    /// <summary>SIGSTOP: alive, but as if the machine slept.</summary>
    public void Pause() => Signal("STOP");

    public void Continue() => Signal("CONT");

    public void Dispose()
    {
        process?.Dispose();
        Http.Dispose();
    }

    private async Task StartAgainAsync()
    {
        Output += Process.Output;
        Process.Dispose();
        await StartAsync();
    }

    private void Signal(string name)
    {
        using var kill = System.Diagnostics.Process.Start("kill", [$"-{name}", $"{Process.Id}"]);
        kill.WaitForExit();
        kill.ExitCode.ShouldBe(0);
    }
}
