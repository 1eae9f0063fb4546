using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Wopr.Integration.Tests.Stack;
using Wopr.Tests.Support;

namespace Wopr.Bench.Rows;

/// <summary>
/// From the start of the process to the first answered health request, against a web application that does nothing: as built,
/// and as <c>deploy/publish</c> makes it.
/// </summary>
internal sealed class StartUp : IMeasurement
{
    private const double Goal = 2.2;
    private const double GoalPublished = 1.8;
    private const string What = "process start to the first answered health request, against an empty web application";

    public string Name => "startup";

    public async Task<IReadOnlyList<Row>> RunAsync(Effort effort)
    {
        // The database is there and migrated, as at every start but the first.
        await using var stack = await WoprStack.StartAsync("none");
        stack.Service!.Kill();
        var built = await AgainstEmptyAsync(effort, stack, $"{What}, as built", Goal, program: null);
        if (effort == Effort.Quick) return [built, Row.Skipped($"{What}, as published", $"≤ {GoalPublished:0.0}×", "--quick, and publishing takes minutes")];

        var folder = Directory.CreateTempSubdirectory("wopr-bench-").FullName;
        try
        {
            using (var publish = Process.Start(new ProcessStartInfo(Repository.PathOf("deploy", "publish"), [folder]) { UseShellExecute = false, RedirectStandardOutput = true })!)
            {
                Console.Error.Write(await publish.StandardOutput.ReadToEndAsync());
                await publish.WaitForExitAsync();
                if (publish.ExitCode != 0) throw new InvalidOperationException($"deploy/publish ended with status {publish.ExitCode}");
            }
            return [built, await AgainstEmptyAsync(effort, stack, $"{What}, as published", GoalPublished, Path.Combine(folder, "service", "Wopr.Orchestrator"))];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<Row> AgainstEmptyAsync(Effort effort, WoprStack stack, string what, double goal, string? program)
    {
        var (ours, other, ratio) = await Figures.CompareAsync(effort, async () =>
        {
            var start = Stopwatch.GetTimestamp();
            stack.LaunchService(program);
            await AnswersAsync(new Uri(stack.Http.BaseAddress!, "/api/health"));
            var took = Figures.Milliseconds(start);
            stack.Service!.Kill();
            return took;
        }, async () =>
        {
            var port = FreePorts.Take();
            var start = Stopwatch.GetTimestamp();
            using var empty = Process.Start(new ProcessStartInfo("dotnet", [typeof(StartUp).Assembly.Location, "empty-web", $"{port}"]) { UseShellExecute = false, RedirectStandardOutput = true, Environment = { ["DOTNET_gcServer"] = "0" } })!;
            await AnswersAsync(new Uri($"http://127.0.0.1:{port}/api/health"));
            var took = Figures.Milliseconds(start);
            empty.Kill();
            await empty.WaitForExitAsync();
            return took;
        });
        return new(what, $"≤ {goal:0.0}×", $"{ratio:0.0}× ({ours:0} ms against {other:0} ms)", ratio <= goal);
    }

    private static async Task AnswersAsync(Uri url)
    {
        Socket? connected = null;
        await Patience.UntilAsync(async () => (connected = await ConnectAsync(url)) is not null, () => $"{url} does not answer", between: TimeSpan.FromMilliseconds(5));
        using var client = new HttpClient(new SocketsHttpHandler { ConnectCallback = (_, _) => ValueTask.FromResult<Stream>(new NetworkStream(connected!, ownsSocket: true)) });
        using var response = await client.GetAsync(url);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>Null while nobody listens. Without exceptions: those of many refusals would take the processor from who is starting.</summary>
    private static async Task<Socket?> ConnectAsync(Uri url)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var connecting = new SocketAsyncEventArgs { RemoteEndPoint = new IPEndPoint(IPAddress.Loopback, url.Port) };
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        connecting.Completed += (_, _) => done.SetResult();
        if (socket.ConnectAsync(connecting)) await done.Task;
        if (connecting.SocketError == SocketError.Success) return socket;
        socket.Dispose();
        return null;
    }
}
