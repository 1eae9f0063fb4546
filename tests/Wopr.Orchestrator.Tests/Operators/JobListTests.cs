using Wopr.Operators;
using Wopr.Orchestrator.Tests.Support;
using Wopr.Provisioning;

namespace Wopr.Orchestrator.Tests.Operators;

/// <summary>Operators find every job, once, by what they know of it.</summary>
public sealed class JobListTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>
{
    private readonly JobList list = new(database.Source);

    [Fact]
    public async Task Pages_follow_each_other_without_gaps_or_repeats()
    {
        for (var i = 0; i < 7; i++) await JobRows.InsertAsync(database.Source, JobState.Verifying, name: $"pages-{i}");
        var seen = new List<string>();
        JobPage page;
        JobCursor? after = null;
        do
        {
            page = await list.ListAsync(new JobFilter([], Text: "pages-", After: after, Limit: 3), CancellationToken.None);
            seen.AddRange(page.Jobs.Select(j => j.Beacon));
            after = JobCursor.Parse(page.Next);
        }
        while (page.Next is not null);

        seen.ShouldBe(Enumerable.Range(0, 7).Reverse().Select(i => $"pages-{i}"));
    }

    [Fact]
    public async Task Filters_narrow_the_list()
    {
        var failed = await JobRows.InsertAsync(database.Source, JobState.Failed, JobState.Verifying, "VERIFY-002", name: "filter-failed");
        await JobRows.InsertAsync(database.Source, JobState.Verifying, name: "filter-runs");
        await JobRows.InsertAsync(database.Source, JobState.Cancelled, name: "filter_over");

        (await NamesAsync(new([JobState.Failed], Text: "filter"))).ShouldBe(["filter-failed"]);
        (await NamesAsync(new([JobState.Failed, JobState.Verifying], Text: "FILTER-"))).ShouldBe(["filter-runs", "filter-failed"]);
        (await NamesAsync(new([], Code: "VERIFY-002"))).ShouldBe(["filter-failed"]);
        (await NamesAsync(new([], Text: failed.ToString()))).ShouldBe(["filter-failed"]);
        (await NamesAsync(new([], Text: failed.ToString()[..8]))).ShouldBe(["filter-failed"]);
        (await NamesAsync(new([], Text: "filter-runs.beacons.example"))).ShouldBe(["filter-runs"]);
        (await NamesAsync(new([], Text: "filter_"))).ShouldBe(["filter_over"]);
        (await NamesAsync(new([], Text: "%"))).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("5~nonsense")]
    [InlineData("99999999999999999999~00000000000000000000000000000001")]
    [InlineData("-5~00000000000000000000000000000001")]
    public void A_cursor_that_no_page_gave_is_none(string text) => JobCursor.Parse(text).ShouldBeNull();

    private async Task<IEnumerable<string>> NamesAsync(JobFilter filter) => (await list.ListAsync(filter, CancellationToken.None)).Jobs.Select(j => j.Beacon);
}
