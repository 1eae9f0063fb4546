using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Wopr.Platform;
using Wopr.Platform.Work;

namespace Wopr.Bench.Rows;

/// <summary>From the commit that makes an item due to the run that drives it: on this node, from another process, and at its time.</summary>
internal sealed class HandOver : IMeasurement
{
    private const double MostP50 = 5;
    private const double MostP99 = 30;
    private const double MostLate = 50;

    public string Name => "handover";

    public async Task<IReadOnlyList<Row>> RunAsync(Effort effort)
    {
        await using var house = await BenchHouse.OpenAsync();
        await using var parts = house.Parts();
        var handler = new Waking();
        var queue = parts.GetRequiredService<WorkQueue>();
        handler.Queue = queue;
        handler.Source = house.Source;
        using var worker = new Worker(
            queue, ActivatorUtilities.CreateInstance<WorkRun>(parts, (IEnumerable<IWorkHandler>)[handler]),
            parts.GetRequiredService<WorkQueueOptions>(), parts.GetRequiredService<WorkBell>(), TimeProvider.System, NullLogger<Worker>.Instance);
        using var listener = ActivatorUtilities.CreateInstance<PostgresListener>(parts);
        await listener.StartAsync(CancellationToken.None);
        await worker.StartedAsync(CancellationToken.None);

        var samples = effort.Rounds * 60;
        // The next step: a run that ends with "again, now" and is driven again by its own node.
        var own = await SampleAsync(handler, samples, key => house.Source.InTransactionAsync((connection, transaction) => WorkQueue.EnqueueAsync(connection, transaction, key), CancellationToken.None));
        // Another process: this connection knows nothing of the node's bell.
        await using var other = new NpgsqlConnection(house.ConnectionString + ";Pooling=false;Gss Encryption Mode=Disable");
        await other.OpenAsync();
        var across = await SampleAsync(handler, samples, async key =>
        {
            await using var command = new NpgsqlCommand("INSERT INTO work_items (kind, subject, wake_at) VALUES ($1, $2, now())", other);
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = key.Kind });
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = key.Subject });
            await command.ExecuteNonQueryAsync();
            await using var tell = new NpgsqlCommand("SELECT pg_notify('wopr_work', '')", other);
            await tell.ExecuteNonQueryAsync();
        });
        var late = await SampleAsync(handler, effort.Rounds * 10, key => house.Source.InTransactionAsync(
            (connection, transaction) => WorkQueue.EnqueueAsync(connection, transaction, key, delay: TimeSpan.FromMilliseconds(100)), CancellationToken.None), TimeSpan.FromMilliseconds(100));
        var again = handler.Again;

        await worker.StopAsync(CancellationToken.None);
        await listener.StopAsync(CancellationToken.None);
        return
        [
            Of("hand-over to the next step on an idle node", again),
            Of("hand-over of new work on an idle node", own),
            Of("hand-over across processes", across),
            new("due times honoured", "within 50 ms", $"p99 {Figures.Percentile(late, 99):0.0} ms late", Figures.Percentile(late, 99) <= MostLate),
        ];
    }

    private static Row Of(string what, IReadOnlyCollection<double> samples)
    {
        var (p50, p99) = (Figures.Percentile(samples, 50), Figures.Percentile(samples, 99));
        return new(what, "p50 ≤ 5 ms, p99 ≤ 30 ms", $"p50 {p50:0.0} ms, p99 {p99:0.0} ms ({samples.Count})", p50 <= MostP50 && p99 <= MostP99);
    }

    /// <summary>One at a time, so that the node is idle each time; counted from the end of the commit.</summary>
    private static async Task<IReadOnlyList<double>> SampleAsync(Waking handler, int count, Func<WorkKey, Task> commit, TimeSpan due = default)
    {
        var samples = new List<double>();
        for (var i = 0; i < count; i++)
        {
            var key = new WorkKey(Waking.Word, Guid.NewGuid());
            var run = handler.Expect(key);
            await commit(key);
            var committed = Stopwatch.GetTimestamp();
            var ran = await run.WaitAsync(TimeSpan.FromSeconds(20));
            samples.Add(Math.Max(0, Stopwatch.GetElapsedTime(committed, ran).TotalMilliseconds - due.TotalMilliseconds));
            // Idle again before the next.
            await Task.Delay(5);
        }
        return samples;
    }

    /// <summary>Drives each item twice: the second time because the first run said "again, now".</summary>
    private sealed class Waking : IWorkHandler
    {
        public const string Word = "bench";

        private readonly ConcurrentDictionary<Guid, TaskCompletionSource<long>> expected = new();
        private readonly ConcurrentDictionary<Guid, TaskCompletionSource<long>> ended = new();

        public WorkQueue Queue { get; set; } = null!;

        public NpgsqlDataSource Source { get; set; } = null!;

        public ConcurrentBag<double> Again { get; } = [];

        public string Kind => Word;

        public Task<long> Expect(WorkKey key) => (expected[key.Subject] = new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

        public async Task HandleAsync(WorkLease lease, CancellationToken cancellation)
        {
            var now = Stopwatch.GetTimestamp();
            if (ended.TryRemove(lease.Key.Subject, out var before)) Again.Add(Math.Max(0, Stopwatch.GetElapsedTime(await before.Task, now).TotalMilliseconds));
            if (!expected.TryRemove(lease.Key.Subject, out var waiting))
            {
                await ReleaseAsync(lease, Wake.Done, cancellation);
                return;
            }
            var end = ended[lease.Key.Subject] = new(TaskCreationOptions.RunContinuationsAsynchronously);
            await ReleaseAsync(lease, Wake.Now, cancellation);
            end.SetResult(Stopwatch.GetTimestamp());
            waiting.TrySetResult(now);
        }

        private Task ReleaseAsync(WorkLease lease, Wake wake, CancellationToken cancellation) =>
            Source.InTransactionAsync((connection, transaction) => Queue.ReleaseAsync(connection, transaction, lease, wake, lease.Signals), cancellation);
    }
}
