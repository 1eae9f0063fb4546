using Wopr.Orchestrator.Tests.Support;
using Wopr.Provisioning;
using Wopr.Provisioning.Ports;
using Wopr.Sweep;

namespace Wopr.Orchestrator.Tests.Sweep;

/// <summary>Orphans are remembered from the first look on, and forgotten when a look of their kind does not find them.</summary>
public sealed class OrphanStoreTests : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly Orphan Server = new(OrphanKind.Server, "1", "a.example", null, "why", DateTimeOffset.UnixEpoch, 475);
    private static readonly Orphan Record = new(OrphanKind.DnsRecord, "1", "A a.example", null, "why", null, 0);

    private static readonly ProjectName North = ProjectName.Parse("north");

    private readonly MigratedDatabase database = new();

    private OrphanStore Store => new(database.Source);

    public Task InitializeAsync() => database.InitializeAsync();

    public Task DisposeAsync() => database.DisposeAsync();

    [Fact]
    public async Task One_row_while_it_is_here_and_a_new_one_when_it_comes_back()
    {
        await Store.NoteAsync(ProjectName.Main, [OrphanKind.Server], [Server], None);
        await Store.NoteAsync(project: null, [OrphanKind.DnsRecord], [Record], None);
        await Store.NoteAsync(ProjectName.Main, [OrphanKind.Server], [Server with { MonthlyCents = null }], None);
        var (here, _) = await Store.ListAsync(gone: false, 10, None);
        here.Count.ShouldBe(2, "a look at servers alone says nothing of records");
        here.Select(o => o.Project).ShouldBe(["main", null]);
        here[0].MonthlyCents.ShouldBe(475, "a price that was known once is kept");
        here[0].AgeSeconds.ShouldBeGreaterThan(1_000_000_000);

        await Store.NoteAsync(North, [OrphanKind.Server, OrphanKind.DnsRecord], [], None);
        (await Store.ListAsync(gone: false, 10, None)).Orphans.Count.ShouldBe(2, "a look at one project says nothing of another");
        await Store.NoteAsync(ProjectName.Main, [OrphanKind.Server], [], None);
        await Store.NoteAsync(project: null, [OrphanKind.DnsRecord], [], None);
        await Store.NoteAsync(ProjectName.Main, [OrphanKind.Server], [Server], None);
        (await Store.ListAsync(gone: false, 10, None)).Orphans.ShouldHaveSingleItem().Kind.ShouldBe("server");
        (await Store.ListAsync(gone: true, 10, None)).Orphans.Count.ShouldBe(3);
    }

    [Fact]
    public async Task Due_is_what_was_seen_for_the_grace_time_and_may_be_removed()
    {
        await Store.NoteAsync(North, Enum.GetValues<OrphanKind>(), [Server, Record with { Removable = false }, Server with { Kind = OrphanKind.LostServer }], None);

        (await Store.DueAsync(North, TimeSpan.FromMinutes(1), None)).ShouldBeEmpty();
        (await Store.DueAsync(North, TimeSpan.Zero, None)).ShouldHaveSingleItem().Kind.ShouldBe("server");
        (await Store.DueAsync(ProjectName.Main, TimeSpan.Zero, None)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_failed_job_counts_as_live_and_one_that_is_cleared_away_does_not()
    {
        var failed = await database.AddJobAsync("failed", JobState.Failed);
        var gone = await database.AddJobAsync("gone", JobState.RolledBack);
        var finder = await Store.FinderAsync([failed, gone], None);

        finder.Judge(RecordOf(failed)).ShouldBeNull();
        finder.Judge(RecordOf(gone)).ShouldNotBeNull().Why.ShouldBe("its job is rolled_back");
    }

    private static DnsRecord RecordOf(JobId job) => new("9", "A", "b.example", "192.0.2.1", 60, Proxied: false, Job.DnsCommentOf(job));
}
