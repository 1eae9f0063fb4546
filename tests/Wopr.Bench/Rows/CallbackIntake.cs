using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Npgsql;
using Wopr.Integration.Tests.Stack;

namespace Wopr.Bench.Rows;

/// <summary>Reports of beacons, sent to the real service by 64 clients at once, against the raw batch on 16 connections.</summary>
internal sealed class CallbackIntake : IMeasurement
{
    private const int Clients = 64;
    private const int Connections = 16;
    private const double Goal = 1.2;
    private const double MostP99 = 15;

    public string Name => "callbacks";

    public async Task<IReadOnlyList<Row>> RunAsync(Effort effort)
    {
        await using var stack = await WoprStack.StartAsync("none");
        await using var source = NpgsqlDataSource.Create(stack.ConnectionString + ";Gss Encryption Mode=Disable;Maximum Pool Size=2");
        // So many that none reports more often than it may.
        var jobs = await BenchJob.AddAsync(source, 2048, "deploying_wopr", due: false);
        await using var raw = await RawBatch.OpenAsync(stack.ConnectionString, Connections);
        var clients = await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => LeanClient.ConnectAsync(stack.Http.BaseAddress!)));
        var took = new ConcurrentBag<double>();
        var refused = new ConcurrentDictionary<int, int>();
        var seq = 0;
        async Task CallAsync(int client, int round)
        {
            var number = Interlocked.Increment(ref seq);
            var job = jobs[number % jobs.Count];
            var start = Stopwatch.GetTimestamp();
            var status = await clients[client].PostJsonAsync($"/api/provision/{job.Id}/callback", $"X-Callback-Token: {job.Token}",
                $$"""{"stage":"core_modules","progress":40,"module":"redis","message":"pulled","seq":{{number}}}""");
            took.Add(Figures.Milliseconds(start));
            if (status != StatusCodes.Status202Accepted) refused.AddOrUpdate(status, 1, (_, n) => n + 1);
        }

        Task<double> OursAsync() => Figures.RateAsync(Clients, effort.Round, CallAsync);
        await Figures.SettleAsync(OursAsync);
        took.Clear();
        var (ours, other, ratio) = await Figures.CompareAsync(effort, OursAsync,
            () => Figures.RateAsync(Connections, effort.Round, (worker, i) => raw.WriteAsync(worker, jobs[((i * Connections) + worker) % jobs.Count].Id)));
        foreach (var client in clients) client.Dispose();
        var (p50, p99) = (Figures.Percentile(took, 50), Figures.Percentile(took, 99));
        var note = refused.IsEmpty ? "" : $"; REFUSED {string.Join(", ", refused)}";
        return
        [
            new($"callbacks stored durably, {Clients} clients, against the raw batch on {Connections} connections", "≥ 120 %, p99 ≤ 15 ms",
                $"{ratio:P0} ({ours:0}/s against {other:0}/s), p50 {p50:0.0} ms, p99 {p99:0.0} ms{note}", ratio >= Goal && p99 <= MostP99 && refused.IsEmpty),
        ];
    }
}
