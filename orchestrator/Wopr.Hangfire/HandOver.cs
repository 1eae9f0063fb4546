using Hangfire;
using Hangfire.Common;
using Hangfire.States;
using Npgsql;
using Wopr.Platform.Crossings;
using Wopr.Platform.Work;

namespace Wopr.Profiles;

/// <summary>Hands what is due to Hangfire, as the core's worker leases it.</summary>
internal sealed class HandOver(WorkQueue queue, WorkHandOut handOut, WorkBell bell, IBackgroundJobClient hangfire, TimeProvider time, ILogger<HandOver> logger)
    : WorkRounds(queue, bell, time, logger)
{
    private const int Batch = 64;

    protected override IReadOnlyCollection<WorkKey> Driven => HandedWork.Driven;

    protected override async Task<TimeSpan?> TakeAsync(CancellationToken stopping)
    {
        CrossingPoints.Before(CrossingPoints.Lease, "LeaseAsync");
        var (items, nextDue) = await handOut.TakeAsync(Batch, stopping);
        if (items.Count > 0) CrossingPoints.After(CrossingPoints.Lease, "LeaseAsync");
        foreach (var item in items)
        {
            // Hangfire's client has no other way than to wait for its answer.
            var job = Job.FromExpression<HandedWork>(work => work.RunAsync(item.Title, item.Key.Kind, item.Key.Subject, CancellationToken.None));
            await Task.Run(() => hangfire.Create(job, new EnqueuedState(HandedQueues.Of(item.Priority))), stopping);
        }
        return nextDue;
    }
}
