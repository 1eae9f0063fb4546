using Dapper;
using Npgsql;
using Wopr.Orchestrator.Tests.Support;
using Wopr.Platform;
using Wopr.Platform.Work;

namespace Wopr.Orchestrator.Tests.Work;

/// <summary>Leases, on a real PostgreSQL: who may write, what is counted, and what becomes of the work of the dead.</summary>
public sealed class WorkQueueTests : IAsyncLifetime
{
    private readonly MigratedDatabase database = new();

    public Task InitializeAsync() => database.InitializeAsync();

    public Task DisposeAsync() => database.DisposeAsync();

    [Fact]
    public async Task What_a_former_holder_still_wants_to_write_is_refused()
    {
        await AddAsync(1);
        var first = (await LeaseAsync(NodeA)).ShouldHaveSingleItem();
        await RunAsync("UPDATE work_items SET lease_until = now() - interval '1 second'");
        (await NodeB.FreeAbandonedAsync([], CancellationToken.None)).ShouldBe(1);
        var second = (await LeaseAsync(NodeB)).ShouldHaveSingleItem();
        second.Fence.ShouldBeGreaterThan(first.Fence);
        (second.Attempt, second.Deaths).ShouldBe((2, 1));

        await Should.ThrowAsync<LeaseLostException>(() => ReleaseAsync(NodeA, first));
        (await NodeA.RenewAsync(first, CancellationToken.None)).ShouldBeFalse();
        await NodeA.FailedAsync(first, "late", CancellationToken.None);
        (await ReadAsync<string?>("SELECT last_error FROM work_items")).ShouldBeNull();
        await ReleaseAsync(NodeB, second);
        (await ReadAsync<int>("SELECT attempt + deaths FROM work_items")).ShouldBe(0);
    }

    [Fact]
    public async Task A_node_on_this_machine_that_is_surely_dead_loses_its_leases_at_once()
    {
        await AddAsync(2);
        var dead = NodeName.Current with { Began = "1" };
        NodeName.IsSurelyDead(dead.ToString()).ShouldBeTrue("its process id belongs to a younger process");
        NodeName.IsSurelyDead((NodeName.Current with { Process = 4_194_304 }).ToString()).ShouldBeTrue("there is no such process");
        NodeName.IsSurelyDead(NodeName.Current.ToString()).ShouldBeFalse();
        NodeName.IsSurelyDead((dead with { Boot = "00000000" }).ToString()).ShouldBeFalse("that may be another machine");
        NodeName.IsSurelyDead("another-machine").ShouldBeFalse();

        await LeaseAsync(Node(dead.ToString()), 1);
        await LeaseAsync(NodeA, 1);
        (await NodeB.FreeAbandonedAsync([], CancellationToken.None)).ShouldBe(1);
        (await ReadAsync<string?>("SELECT lease_owner FROM work_items WHERE lease_until IS NOT NULL")).ShouldBe("a");
    }

    [Fact]
    public async Task A_node_keeps_what_it_drives_while_the_database_was_away_but_not_what_it_does_not_know_of()
    {
        await AddAsync(2);
        var leases = await LeaseAsync(NodeA);
        await RunAsync("UPDATE work_items SET lease_until = now() - interval '1 minute'");
        (await NodeA.FreeAbandonedAsync([leases[0].Key], CancellationToken.None)).ShouldBe(1);
        (await NodeA.RenewAsync(leases[0], CancellationToken.None)).ShouldBeTrue();
    }

    [Fact]
    public async Task What_was_not_the_works_fault_is_not_counted()
    {
        await AddAsync(1);
        for (var i = 0; i < 5; i++)
        {
            var lease = (await LeaseAsync(NodeA)).ShouldHaveSingleItem();
            lease.Attempt.ShouldBe(1);
            await NodeA.InterruptedAsync(lease, TimeSpan.Zero, "the database was away", CancellationToken.None);
        }
        for (var attempt = 1; attempt <= WorkLease.MostAttempts + 1; attempt++)
        {
            var lease = (await LeaseAsync(NodeA)).ShouldHaveSingleItem();
            lease.Attempt.ShouldBe(attempt);
            lease.IsPoison.ShouldBe(attempt > WorkLease.MostAttempts);
            await NodeA.FailedAsync(lease, "always", CancellationToken.None);
            await RunAsync("UPDATE work_items SET wake_at = now()");
        }
    }

    [Fact]
    public async Task Suspects_are_driven_one_at_a_time_and_the_others_beside_them()
    {
        await AddAsync(4);
        await RunAsync("UPDATE work_items SET deaths = @deaths WHERE kind IN ('test-0', 'test-1')", new { deaths = WorkLease.SuspectDeaths });
        var (leases, next) = await NodeA.LeaseAsync(10, suspectToo: true, CancellationToken.None);
        leases.Count(l => l.IsSuspect).ShouldBe(1);
        leases.Count.ShouldBe(3);
        next.ShouldBeNull("the other suspect is not to be waited for in a circle");
        (await NodeA.LeaseAsync(10, suspectToo: false, CancellationToken.None)).Leases.ShouldBeEmpty();
        (await NodeB.LeaseAsync(10, suspectToo: true, CancellationToken.None)).Leases.ShouldHaveSingleItem().IsSuspect.ShouldBeTrue();
    }

    [Theory]
    [InlineData("57P01", true)]
    [InlineData("57P03", true)]
    [InlineData("53300", true)]
    [InlineData("40P01", true)]
    [InlineData("08006", true)]
    [InlineData("23505", false)]
    [InlineData("42601", false)]
    public void Trouble_of_the_database_is_told_from_trouble_of_the_work(string state, bool passing) =>
        Database.IsPassingTrouble(new PostgresException("words", "ERROR", "ERROR", state)).ShouldBe(passing);

    private WorkQueue NodeA => Node("a");

    private WorkQueue NodeB => Node("b");

    private WorkQueue Node(string name) => new(database.Source, WorkQueueOptions.For(name), new WorkBell(TimeProvider.System));

    private async Task AddAsync(int count)
    {
        for (var i = 0; i < count; i++)
            await RunAsync("INSERT INTO work_items (kind, subject, wake_at) VALUES (@kind, gen_random_uuid(), now())", new { kind = $"test-{i}" });
    }

    private static async Task<IReadOnlyList<WorkLease>> LeaseAsync(WorkQueue node, int most = 10) => (await node.LeaseAsync(most, CancellationToken.None)).Leases;

    private Task ReleaseAsync(WorkQueue node, WorkLease lease) => database.Source.InTransactionAsync(
        (connection, transaction) => node.ReleaseAsync(connection, transaction, lease, Wake.Signalled, lease.Signals), CancellationToken.None);

    private async Task RunAsync(string sql, object? parameters = null)
    {
        await using var connection = await database.Source.OpenConnectionAsync();
        await connection.ExecuteAsync(sql, parameters);
    }

    private async Task<T?> ReadAsync<T>(string sql)
    {
        await using var connection = await database.Source.OpenConnectionAsync();
        return await connection.ExecuteScalarAsync<T>(sql);
    }
}
