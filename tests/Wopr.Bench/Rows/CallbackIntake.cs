using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text;
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
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = Clients }) { BaseAddress = stack.Http.BaseAddress };
        var took = new ConcurrentBag<double>();
        var seq = 0;
        var refused = new ConcurrentDictionary<HttpStatusCode, int>();
        async Task CallAsync()
        {
            var number = Interlocked.Increment(ref seq);
            var job = jobs[number % jobs.Count];
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/provision/{job.Id}/callback")
            {
                Headers = { { "X-Callback-Token", job.Token } },
                Content = new StringContent($$"""{"stage":"core_modules","progress":40,"module":"redis","message":"pulled","seq":{{number}}}""", Encoding.UTF8, "application/json"),
            };
            var start = Stopwatch.GetTimestamp();
            using var response = await http.SendAsync(request);
            took.Add(Figures.Milliseconds(start));
            if (response.StatusCode != HttpStatusCode.Accepted) refused.AddOrUpdate(response.StatusCode, 1, (_, n) => n + 1);
        }

        await Figures.RateAsync(Clients, effort.Round, (_, _) => CallAsync());
        took.Clear();
        var (ours, other, ratio) = await Figures.CompareAsync(effort,
            () => Figures.RateAsync(Clients, effort.Round, (_, _) => CallAsync()),
            () => Figures.RateAsync(Connections, effort.Round, (worker, i) => raw.WriteAsync(worker, jobs[((i * Connections) + worker) % jobs.Count].Id)));
        var (p50, p99) = (Figures.Percentile(took, 50), Figures.Percentile(took, 99));
        var note = refused.IsEmpty ? "" : $"; REFUSED {string.Join(", ", refused)}";
        return
        [
            new($"callbacks stored durably, {Clients} clients, against the raw batch on {Connections} connections", "≥ 120 %, p99 ≤ 15 ms",
                $"{ratio:P0} ({ours:0}/s against {other:0}/s), p50 {p50:0.0} ms, p99 {p99:0.0} ms{note}", ratio >= Goal && p99 <= MostP99 && refused.IsEmpty),
        ];
    }
}
