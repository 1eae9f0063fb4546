using System.Text.Json;
using Wopr.Incidents;
using Wopr.Orchestrator.Tests.Support;
using Wopr.Platform;
using Wopr.Support;

namespace Wopr.Orchestrator.Tests.Incidents;

/// <summary>One open incident per cause, whatever repeats or happens at the same time.</summary>
public sealed class IncidentStoreTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly IncidentStore incidents = new(database.Source);

    [Fact]
    public async Task The_same_cause_is_counted_and_not_raised_again()
    {
        (await incidents.RaiseAsync(Trouble("repeat"), None)).ShouldBeTrue();
        (await incidents.RaiseAsync(Trouble("repeat", "seen again"), None)).ShouldBeFalse();

        var one = (await OpenAsync("repeat")).ShouldHaveSingleItem();
        one.Count.ShouldBe(2);
        one.Summary.ShouldBe("seen again");
        one.Detail.GetProperty("evidence").GetString().ShouldBe("seen again");
        one.LastAt.ShouldBeGreaterThan(one.FirstAt);
    }

    [Fact]
    public async Task Many_at_once_make_one_incident()
    {
        var raised = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => incidents.RaiseAsync(Trouble("storm"), None)));

        raised.Count(isNew => isNew).ShouldBe(1);
        (await OpenAsync("storm")).ShouldHaveSingleItem().Count.ShouldBe(16);
    }

    [Fact]
    public async Task Recovery_closes_it_once_and_the_next_trouble_is_a_new_one()
    {
        var cause = new IncidentCause("recover");
        await incidents.RaiseAsync(Trouble("recover"), None);
        (await incidents.CloseAsync(cause, "it answers again", None)).ShouldBeTrue();
        (await incidents.CloseAsync(cause, "it answers again", None)).ShouldBeFalse();
        (await incidents.RaiseAsync(Trouble("recover"), None)).ShouldBeTrue();

        (await OpenAsync("recover")).ShouldHaveSingleItem().Count.ShouldBe(1);
        var closed = (await incidents.ListAsync(new(Open: false, CausePrefix: "recover"), None)).ShouldHaveSingleItem();
        closed.ClosedWhy.ShouldBe("it answers again");
        (await incidents.FindAsync(closed.Id, None)).ShouldNotBeNull().ClosedAt.ShouldNotBeNull();
    }

    [Fact]
    public async Task It_is_part_of_the_transaction_that_it_tells_of()
    {
        await Should.ThrowAsync<InvalidOperationException>(() => database.Source.InTransactionAsync(async (connection, transaction) =>
        {
            await IncidentStore.RaiseAsync(connection, transaction, Trouble("rolled back"));
            throw new InvalidOperationException("the rest of the transaction fails");
        }, None));

        (await OpenAsync("rolled back")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Settling_closes_what_is_gone_and_nothing_of_another_kind()
    {
        await incidents.RaiseAsync(Trouble("or%han_:1"), None);
        await incidents.RaiseAsync(Trouble("or%han_:2"), None);
        await incidents.RaiseAsync(Trouble("orphan-:9"), None);
        await incidents.SettleAsync("or%han_:", [Trouble("or%han_:2"), Trouble("or%han_:3")], "gone", None);

        (await OpenAsync("or")).Select(i => (i.Cause, i.Count)).ShouldBe([("or%han_:2", 2), ("or%han_:3", 1), ("orphan-:9", 1)], ignoreOrder: true);
    }

    [Fact]
    public async Task Lists_are_newest_first_and_go_on_where_a_page_ended()
    {
        for (var i = 0; i < 5; i++) await incidents.RaiseAsync(Trouble($"page:{i}"), None);

        var first = await incidents.ListAsync(new(CausePrefix: "page:", Limit: 3), None);
        var rest = await incidents.ListAsync(new(CausePrefix: "page:", Before: first[^1].Id), None);
        first.Concat(rest).Select(i => i.Cause).ShouldBe(["page:4", "page:3", "page:2", "page:1", "page:0"]);
    }

    private Task<IReadOnlyList<Incident>> OpenAsync(string prefix) => incidents.ListAsync(new(CausePrefix: prefix), None);

    private static Trouble Trouble(string cause, string summary = "seen") =>
        new(new IncidentCause(cause), ErrorCodes.OrphanFound, Severity.Warning, Job: null, summary, new { evidence = summary });
}
