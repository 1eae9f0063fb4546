using Dapper;
using Wopr.Orchestrator.Tests.Support;
using Wopr.Platform;
using Wopr.Platform.Work;

namespace Wopr.Orchestrator.Tests.Work;

/// <summary>Work that is handed to an executor with queues of its own, on a real PostgreSQL: never twice at once, never forgotten.</summary>
public sealed class WorkHandOutTests : IAsyncLifetime
{
    private readonly MigratedDatabase database = new();

    public Task InitializeAsync() => database.InitializeAsync();

    public Task DisposeAsync() => database.DisposeAsync();

    [Fact]
    public async Task What_is_due_is_handed_out_once_the_most_urgent_first_and_leased_by_one_of_all_who_come()
    {
        await AddAsync("later", priority: 8);
        await AddAsync("soon", priority: 3);
        await AddAsync("tomorrow", priority: 1, due: "1 day");
        var (items, next) = await Node("a").TakeAsync(10, CancellationToken.None);
        items.Select(i => i.Title).ShouldBe(["soon, attempt 1", "later, attempt 1"]);
        next.ShouldNotBeNull().ShouldBeGreaterThan(TimeSpan.FromHours(23));
        (await Node("b").TakeAsync(10, CancellationToken.None)).Items.ShouldBeEmpty();

        var leases = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Node($"{i}").LeaseAsync(items[0].Key, suspectToo: true, CancellationToken.None)));
        leases.Count(lease => lease is not null).ShouldBe(1);
        await ForgetPatienceAsync();
        (await Node("b").TakeAsync(10, CancellationToken.None)).Items.ShouldHaveSingleItem().Key.Kind.ShouldBe("later", "nobody came for it");
    }

    [Fact]
    public async Task Who_has_a_clock_of_its_own_leases_ahead_of_time_what_nobody_drives()
    {
        await AddAsync("tomorrow", due: "1 day");
        WorkKey key = new("tomorrow", await SubjectAsync("tomorrow"));

        (await Node("a").LeaseAsync(key, suspectToo: false, CancellationToken.None)).ShouldBeNull();
        (await Node("a").LeaseAsync(key, suspectToo: false, CancellationToken.None, ahead: true)).ShouldNotBeNull().Attempt.ShouldBe(1);
        (await Node("b").LeaseAsync(key, suspectToo: false, CancellationToken.None, ahead: true)).ShouldBeNull("a node drives it");
    }

    [Fact]
    public async Task What_a_dead_node_had_in_hand_is_handed_out_again_at_once()
    {
        await AddAsync("of_the_dead");
        await AddAsync("of_the_living");
        await Node((NodeName.Current with { Began = "1" }).ToString()).TakeAsync(1, CancellationToken.None);
        await Node("another-machine").TakeAsync(1, CancellationToken.None);
        (await Node("b").TakeAsync(10, CancellationToken.None)).Items.ShouldBeEmpty();
        await new WorkQueue(database.Source, WorkQueueOptions.For("b"), new WorkBell(TimeProvider.System)).FreeAbandonedAsync([], CancellationToken.None);
        (await Node("b").TakeAsync(10, CancellationToken.None)).Items.ShouldHaveSingleItem().Key.Kind.ShouldBe("of_the_dead");
    }

    [Fact]
    public async Task Of_what_killed_nodes_one_is_in_hand_at_a_time()
    {
        await AddAsync("first", deaths: WorkLease.SuspectDeaths);
        await AddAsync("second", deaths: WorkLease.SuspectDeaths);
        await AddAsync("healthy");
        var (items, next) = await Node("a").TakeAsync(10, CancellationToken.None);
        items.Count(i => i.Key.Kind != "healthy").ShouldBe(1);
        next.ShouldBeNull("the other suspect is not to be waited for in a circle");
        var suspect = items.Single(i => i.Key.Kind != "healthy").Key;
        (await Node("b").TakeAsync(10, CancellationToken.None)).Items.ShouldBeEmpty("it is in hand");
        (await Node("b").LeaseAsync(suspect, suspectToo: false, CancellationToken.None)).ShouldBeNull();
        (await Node("b").LeaseAsync(suspect, suspectToo: true, CancellationToken.None)).ShouldNotBeNull();
        await ForgetPatienceAsync();
        (await Node("b").TakeAsync(10, CancellationToken.None)).Items.ShouldHaveSingleItem().Key.Kind.ShouldBe("healthy", "the other is being driven");
        await RunAsync("DELETE FROM work_items WHERE lease_until IS NOT NULL");
        (await Node("b").TakeAsync(10, CancellationToken.None)).Items.ShouldHaveSingleItem().Key.ShouldNotBe(suspect);
    }

    private WorkHandOut Node(string name) => new(database.Source, WorkQueueOptions.For(name));

    private Task AddAsync(string kind, int priority = 5, string due = "0", int deaths = 0) => RunAsync(
        "INSERT INTO work_items (kind, subject, priority, deaths, wake_at) VALUES (@kind, gen_random_uuid(), @priority, @deaths, now() + @due::interval)", new { kind, priority, deaths, due });

    private async Task<Guid> SubjectAsync(string kind)
    {
        await using var connection = await database.Source.OpenConnectionAsync();
        return await connection.ExecuteScalarAsync<Guid>("SELECT subject FROM work_items WHERE kind = @kind", new { kind });
    }

    private Task ForgetPatienceAsync() => RunAsync("UPDATE work_items SET handed_until = now() - interval '1 second' WHERE handed_until IS NOT NULL");

    private async Task RunAsync(string sql, object? parameters = null)
    {
        await using var connection = await database.Source.OpenConnectionAsync();
        await connection.ExecuteAsync(sql, parameters);
    }
}
