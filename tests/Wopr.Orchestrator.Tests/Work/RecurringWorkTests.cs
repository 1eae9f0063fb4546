using Dapper;
using Wopr.Orchestrator.Tests.Support;
using Wopr.Platform.Http;
using Wopr.Platform.Work;

namespace Wopr.Orchestrator.Tests.Work;

/// <summary>One item for all nodes, which comes round.</summary>
public sealed class RecurringWorkTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>
{
    [Fact]
    public async Task It_is_made_once_driven_and_comes_round()
    {
        var work = new Counted(database, "round", TimeSpan.FromMinutes(10));
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => work.EnsureAsync(CancellationToken.None)));

        (await DriveAsync(work)).ShouldBe(1);
        work.Rounds.ShouldBe(1);
        work.Priority.ShouldBe(CallPriority.Sweep, "customers' provider calls come first");
        (await DriveAsync(work)).ShouldBe(0, "it sleeps until its period is over");
        (await SleepAsync(work)).ShouldBeInRange(400, 600);
    }

    [Fact]
    public async Task A_start_does_not_hurry_it_but_a_shorter_period_does()
    {
        var work = new Counted(database, "period", TimeSpan.FromMinutes(60));
        await work.EnsureAsync(CancellationToken.None);
        await DriveAsync(work);
        await work.EnsureAsync(CancellationToken.None);
        (await SleepAsync(work)).ShouldBeGreaterThan(3500);

        await new Counted(database, "period", TimeSpan.FromMinutes(1)).EnsureAsync(CancellationToken.None);
        (await SleepAsync(work)).ShouldBeInRange(1, 60);
    }

    private async Task<int> DriveAsync(RecurringWork work)
    {
        var (leases, _) = await database.Queue.LeaseAsync(100, CancellationToken.None);
        var mine = leases.Where(l => l.Key == work.Key).ToList();
        foreach (var lease in mine) await work.HandleAsync(lease, CancellationToken.None);
        return mine.Count;
    }

    private async Task<double> SleepAsync(RecurringWork work)
    {
        await using var connection = await database.Source.OpenConnectionAsync();
        return await connection.ExecuteScalarAsync<double>(
            "SELECT extract(epoch FROM wake_at - now())::float8 FROM work_items WHERE kind = @Kind AND subject = @Subject", work.Key);
    }

    private sealed class Counted(MigratedDatabase database, string kind, TimeSpan period) : RecurringWork(database.Source, database.Queue)
    {
        public int Rounds { get; private set; }

        public CallPriority? Priority { get; private set; }

        public override string Kind => kind;

        protected override TimeSpan Period => period;

        protected override Task<TimeSpan> RunAsync(WorkLease lease, CancellationToken cancellation)
        {
            Rounds++;
            Priority = CallScope.Priority;
            return Task.FromResult(Period);
        }
    }
}
