using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Wopr.Operators.Boards;
using Wopr.Orchestrator.Tests.Provisioning;
using Wopr.Orchestrator.Tests.Support;
using Wopr.Platform.Trace;
using Wopr.Platform.Work;
using Wopr.Provisioning;
using Wopr.Provisioning.Projects;

namespace Wopr.Orchestrator.Tests.Operators;

/// <summary>What the console's boards read, and the record of what was tried, on a real database.</summary>
public sealed class BoardTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>
{
    [Fact]
    public async Task The_queue_is_counted_by_what_its_items_do()
    {
        await ExecuteAsync("""
            DELETE FROM work_items;
            INSERT INTO work_items (kind, subject, wake_at) SELECT 'board', gen_random_uuid(), now() - interval '90 seconds' FROM generate_series(1, 3);
            INSERT INTO work_items (kind, subject, wake_at) VALUES ('board', gen_random_uuid(), 'infinity');
            INSERT INTO work_items (kind, subject, wake_at, lease_until, lease_owner) VALUES ('board', gen_random_uuid(), now(), now() + interval '9 seconds', 'node/a');
            INSERT INTO work_items (kind, subject, wake_at, quarantined_at, attempt, last_error) VALUES ('board', gen_random_uuid(), now(), now(), 4, 'it threw');
            INSERT INTO nodes (name, version, seen_at) VALUES ('node/a', '1', now()), ('node/b', '1', now() - interval '2 minutes');
            INSERT INTO provider_budgets VALUES ('hetzner abc', 3600, 100, 1, now() - interval '50 seconds', now() + interval '1 minute')
            """);

        var view = await new QueueBoard(database.Source, new ProjectBook(database.Source, CloudStub.Create().Stub.Clouds)).ReadAsync(CancellationToken.None);

        var kind = view.Kinds.Single(k => k.Kind == "board");
        (kind.Due, kind.Leased, kind.Asleep, kind.Quarantined).ShouldBe((3, 1, 1, 1));
        kind.OldestSeconds!.Value.ShouldBeInRange(89, 200);
        view.Items.Count.ShouldBe(2);
        view.Items[0].LastError.ShouldBe("it threw");
        view.Nodes.Select(n => (n.Name, n.Alive, n.Leases)).ShouldBe([("node/a", true, 1), ("node/b", false, 0)]);
        var budget = view.Budgets.ShouldHaveSingleItem();
        budget.CallsLeft.ShouldBeInRange(149, 250);
        budget.BlockedUntil.ShouldNotBeNull();
    }

    [Fact]
    public async Task Beacons_are_listed_with_what_is_wrong_with_them()
    {
        var well = await JobRows.InsertAsync(database.Source, JobState.Completed);
        var ill = await JobRows.InsertAsync(database.Source, JobState.Completed);
        await JobRows.InsertAsync(database.Source, JobState.DeployingWopr);
        const string Quarter = """{ "disk": { "total_mb": 80000, "free_mb": 20000 } }""";
        await ExecuteAsync($"INSERT INTO beacon_agents (job_id, token_hash, heartbeat_at, heartbeat) VALUES ('{well}', '', now(), '{Quarter}')");
        await ExecuteAsync($"INSERT INTO incidents (cause, code, severity, job_id, summary) VALUES ('beacon:{ill}', 'VERIFY-001', 'critical', '{ill}', 'does not answer')");

        var beacons = await new BeaconBoard(database.Source).ReadAsync(null, CancellationToken.None);

        beacons.Select(b => (b.JobId, b.Code)).ShouldBe([(ill.Value, "VERIFY-001"), (well.Value, null)]);
        (beacons[0].HeartbeatAt, beacons[0].DiskFreePercent).ShouldBe((null, null));
        beacons[1].HeartbeatAt.ShouldNotBeNull();
        beacons[1].DiskFreePercent.ShouldBe(25);
        (await new BeaconBoard(database.Source).ReadAsync(beacons[0].ReadyAt, CancellationToken.None)).ShouldHaveSingleItem().JobId.ShouldBe(well.Value);
    }

    [Fact]
    public async Task What_was_tried_is_written_with_the_time_at_which_it_began_and_the_last_of_it_at_the_stop()
    {
        var job = (await JobRows.InsertAsync(database.Source, JobState.WaitingForVps)).Value;
        var trace = new JobTrace(database.Source, WorkQueueOptions.For("node/t"), TimeProvider.System, NullLogger<JobTrace>.Instance);
        for (var i = 0; i < 600; i++) trace.Note(new TraceEntry(job, TraceKind.Call, "hetzner servers.create", "201", 2, TimeSpan.FromSeconds(60)));

        await trace.StartAsync(CancellationToken.None);
        trace.Note(new TraceEntry(job, TraceKind.Run, "waiting_for_vps", "wait: for the beacon", 0, TimeSpan.FromMilliseconds(12)));
        await trace.StopAsync(CancellationToken.None);

        await using var connection = await database.Source.OpenConnectionAsync();
        var rows = (await connection.QueryAsync<(string Kind, string What, int Sent, int Took, double Ago, string Node)>(
            "SELECT kind, what, sent, took_ms, extract(epoch FROM now() - at)::float8, node FROM job_trace WHERE job_id = @job ORDER BY id", new { job })).AsList();
        rows.Count.ShouldBe(601);
        (rows[0].Kind, rows[0].What, rows[0].Sent, rows[0].Took, rows[0].Node).ShouldBe(("call", "hetzner servers.create", 2, 60_000, "node/t"));
        rows[0].Ago.ShouldBeInRange(60, 120);
        rows[^1].Kind.ShouldBe("run");
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = await database.Source.OpenConnectionAsync();
        await connection.ExecuteAsync(sql);
    }
}
