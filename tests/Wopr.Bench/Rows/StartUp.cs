using System.Diagnostics;
using Wopr.Integration.Tests.Stack;
using Wopr.Tests.Support;

namespace Wopr.Bench.Rows;

/// <summary>From the start of the process to the first answered health request, against a web application that does nothing.</summary>
internal sealed class StartUp : IMeasurement
{
    private const double Goal = 2.2;

    public string Name => "startup";

    public async Task<IReadOnlyList<Row>> RunAsync(Effort effort)
    {
        // The database is there and migrated, as at every start but the first.
        await using var stack = await WoprStack.StartAsync("none");
        stack.Service!.Kill();
        var (ours, other, ratio) = await Figures.CompareAsync(effort, async () =>
        {
            var start = Stopwatch.GetTimestamp();
            stack.LaunchService();
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
        return [new("process start to the first answered health request, against an empty web application", "≤ 2.2×", $"{ratio:0.0}× ({ours:0} ms against {other:0} ms)", ratio <= Goal)];
    }

    private static async Task AnswersAsync(Uri url)
    {
        using var client = new HttpClient();
        await Patience.UntilAsync(
            async () =>
            {
                try
                {
                    using var response = await client.GetAsync(url);
                    return response.IsSuccessStatusCode;
                }
                catch (HttpRequestException)
                {
                    // Not up yet.
                    return false;
                }
            },
            () => $"{url} does not answer", between: TimeSpan.FromMilliseconds(5));
    }
}
