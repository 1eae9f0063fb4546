using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Wopr.Incidents;
using Wopr.Orchestrator.Tests.Http;
using Wopr.Orchestrator.Tests.Support;
using Wopr.Platform.Work;
using Wopr.Tests.Support;

namespace Wopr.Orchestrator.Tests.Work;

/// <summary>A node drives what is due, however little room it has, and sleeps when nothing is.</summary>
public sealed class WorkerTests : IAsyncLifetime
{
    private readonly MigratedDatabase database = new();

    public Task InitializeAsync() => database.InitializeAsync();

    public Task DisposeAsync() => database.DisposeAsync();

    /// <summary>The clock stands, so that nothing is found by the slow scan.</summary>
    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(64, 0)]
    [InlineData(64, WorkLease.SuspectDeaths)]
    public async Task Everything_that_is_due_is_driven_without_waiting_for_the_slow_scan(int concurrency, int deaths)
    {
        var clock = new TestClock();
        var bell = new WorkBell(clock);
        var options = WorkQueueOptions.For("node") with { Concurrency = concurrency };
        var queue = new WorkQueue(database.Source, options, bell);
        var run = new WorkRun(
            queue, new Quarantine(database.Source, new IncidentStore(database.Source), NullLogger<Quarantine>.Instance), options, [new Finishing(queue)], clock, NullLogger<WorkRun>.Instance);
        await using var connection = await database.Source.OpenConnectionAsync();
        await connection.ExecuteAsync("INSERT INTO work_items (kind, subject, deaths, wake_at) SELECT 'finishing', gen_random_uuid(), @deaths, now() FROM generate_series(1, 5)", new { deaths });

        using var worker = new Worker(queue, run, options, bell, clock, NullLogger<Worker>.Instance);
        await worker.StartedAsync(CancellationToken.None);
        await Patience.UntilAsync(async () => await connection.ExecuteScalarAsync<long>("SELECT count(*) FROM work_items") == 0, () => "something that is due is not driven");
        await worker.StopAsync(CancellationToken.None);
    }

    private sealed class Finishing(WorkQueue queue) : IWorkHandler
    {
        public string Kind => "finishing";

        public Task HandleAsync(WorkLease lease, CancellationToken cancellation) => queue.ReleaseAsync(lease, Wake.Done, lease.Signals, cancellation);
    }
}
