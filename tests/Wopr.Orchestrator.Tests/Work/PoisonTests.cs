using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Wopr.Incidents;
using Wopr.Orchestrator.Tests.Operators;
using Wopr.Orchestrator.Tests.Support;
using Wopr.Platform.Work;
using Wopr.Provisioning;
using Wopr.Tests.Support;

namespace Wopr.Orchestrator.Tests.Work;

/// <summary>Work that always throws is set aside after three attempts with one incident, and the rest goes on.</summary>
public sealed class PoisonTests : IAsyncLifetime
{
    private readonly MigratedDatabase database = new();

    public Task InitializeAsync() => database.InitializeAsync();

    public Task DisposeAsync() => database.DisposeAsync();

    [Fact]
    public async Task Poison_is_quarantined_after_three_attempts_and_the_others_go_on()
    {
        var incidents = new IncidentStore(database.Source);
        var poison = new Handler("poison", throws: true);
        var healthy = new Handler("healthy", throws: false);
        var bell = new WorkBell(TimeProvider.System);
        var options = WorkQueueOptions.For("node");
        var queue = new WorkQueue(database.Source, options, bell);
        poison.Queue = healthy.Queue = queue;
        poison.Database = healthy.Database = database;
        await RunAsync("INSERT INTO work_items (kind, subject, wake_at) SELECT kind, gen_random_uuid(), now() FROM unnest(ARRAY['poison', 'healthy', 'healthy']) kind");
        var run = new WorkRun(queue, new Quarantine(database.Source, incidents, NullLogger<Quarantine>.Instance), options, [poison, healthy], TimeProvider.System, NullLogger<WorkRun>.Instance);
        using var worker = new Worker(queue, run, options, bell, TimeProvider.System, NullLogger<Worker>.Instance);
        await worker.StartedAsync(CancellationToken.None);
        await Patience.UntilAsync(
            async () =>
            {
                if (await ReadAsync("SELECT count(*) FROM work_items WHERE quarantined_at IS NOT NULL") > 0) return true;
                // The pauses between attempts are not what is tested.
                await RunAsync("UPDATE work_items SET wake_at = now() WHERE lease_until IS NULL AND wake_at > now()");
                bell.Ring(TimeSpan.Zero);
                return false;
            },
            () => "the poison is not set aside");
        await worker.StopAsync(CancellationToken.None);

        poison.Runs.ShouldBe(WorkLease.MostAttempts);
        healthy.Runs.ShouldBe(2);
        (await ReadAsync("SELECT count(*) FROM work_items")).ShouldBe(1);
        var incident = (await incidents.ListAsync(new IncidentFilter(), CancellationToken.None)).ShouldHaveSingleItem();
        (incident.Code, incident.Count).ShouldBe(("JOB-001", 1));
        incident.Detail.GetProperty("last_error").GetString().ShouldNotBeNull().ShouldContain("poison");
    }

    [Fact]
    public async Task What_was_set_aside_is_tried_once_more_and_driven_well_closes_its_incident()
    {
        var incidents = new IncidentStore(database.Source);
        var quarantine = new Quarantine(database.Source, incidents, NullLogger<Quarantine>.Instance);
        await JobRows.InsertAsync(database.Source, JobState.RollingBack);
        await RunAsync("UPDATE work_items SET wake_at = now()");
        var lease = (await database.Queue.LeaseAsync(1, CancellationToken.None)).Leases.ShouldHaveSingleItem();
        await quarantine.PutAsync(lease, CancellationToken.None);
        (await database.Queue.LeaseAsync(1, CancellationToken.None)).Leases.ShouldBeEmpty();

        // It comes back by itself, not before its time, with one attempt before it goes again.
        await RunAsync("UPDATE work_items SET quarantined_at = now() - interval '4 minutes'");
        await database.Queue.FreeAbandonedAsync([], CancellationToken.None);
        (await database.Queue.LeaseAsync(1, CancellationToken.None)).Leases.ShouldBeEmpty();
        await RunAsync("UPDATE work_items SET quarantined_at = now() - interval '6 minutes'");
        await database.Queue.FreeAbandonedAsync([], CancellationToken.None);
        (await database.Queue.LeaseAsync(1, CancellationToken.None)).Leases.ShouldHaveSingleItem().Attempt.ShouldBe(WorkLease.MostAttempts);
        await quarantine.RecoveredAsync(lease.Key, CancellationToken.None);
        (await incidents.ListAsync(new IncidentFilter(), CancellationToken.None)).ShouldBeEmpty();
    }

    private async Task RunAsync(string sql, object? parameters = null)
    {
        await using var connection = await database.Source.OpenConnectionAsync();
        await connection.ExecuteAsync(sql, parameters);
    }

    private async Task<long> ReadAsync(string sql)
    {
        await using var connection = await database.Source.OpenConnectionAsync();
        return await connection.ExecuteScalarAsync<long>(sql);
    }

    private sealed class Handler(string kind, bool throws) : IWorkHandler
    {
        private int runs;

        public WorkQueue Queue { get; set; } = null!;

        public MigratedDatabase Database { get; set; } = null!;

        public int Runs => runs;

        public string Kind => kind;

        public Task HandleAsync(WorkLease lease, CancellationToken cancellation)
        {
            Interlocked.Increment(ref runs);
            if (throws) throw new InvalidOperationException("poison");
            return Wopr.Platform.Database.InTransactionAsync(
                Database.Source, (connection, transaction) => Queue.ReleaseAsync(connection, transaction, lease, Wake.Done, lease.Signals), cancellation);
        }
    }
}
