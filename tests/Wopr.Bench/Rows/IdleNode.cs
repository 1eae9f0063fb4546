using System.Diagnostics;
using Npgsql;
using Wopr.Integration.Tests.Stack;

namespace Wopr.Bench.Rows;

/// <summary>What a node costs that has nothing to do.</summary>
internal sealed class IdleNode : IMeasurement
{
    private const double MostQueries = 3;
    private const double MostCpu = 0.01;

    public string Name => "idle";

    public async Task<IReadOnlyList<Row>> RunAsync(Effort effort)
    {
        await using var stack = await WoprStack.StartAsync("none");
        await using var source = NpgsqlDataSource.Create(stack.ConnectionString + ";Gss Encryption Mode=Disable;Maximum Pool Size=1");
        // The first rounds of sweeps and checks; and what comes round every two seconds is compiled anew once it has run
        // thirty times, which would be counted otherwise.
        await Task.Delay(effort == Effort.Quick ? TimeSpan.FromSeconds(8) : TimeSpan.FromSeconds(75));
        using var process = Process.GetProcessById(stack.Service!.Id);
        var start = Stopwatch.GetTimestamp();
        var (commits, cpu) = (await BenchHouse.CommitsAsync(source), process.TotalProcessorTime);
        await Task.Delay(effort == Effort.Quick ? TimeSpan.FromSeconds(10) : TimeSpan.FromSeconds(30));
        process.Refresh();
        var share = (process.TotalProcessorTime - cpu).TotalSeconds / Stopwatch.GetElapsedTime(start).TotalSeconds;
        // Outside transactions each query commits by itself; two of them are this count's own.
        var queries = (await BenchHouse.CommitsAsync(source) - commits - 2) / Stopwatch.GetElapsedTime(start).TotalSeconds;
        return [new("idle node", "≤ 3 queries/s, ≤ 1 % CPU", $"{queries:0.0} queries/s, {share:P1} of a core", queries <= MostQueries && share <= MostCpu)];
    }
}
