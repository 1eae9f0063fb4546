using Hangfire;
using Hangfire.Common;
using Hangfire.States;
using Npgsql;
using Wopr.Platform.Crossings;
using Wopr.Platform.Work;

namespace Wopr.Profiles;

/// <summary>Hands what is due to Hangfire, as the core's worker leases it: woken by the bell, made certain by a slow scan.</summary>
internal sealed partial class HandOver(WorkQueue queue, WorkHandOut handOut, WorkBell bell, IBackgroundJobClient hangfire, TimeProvider time, ILogger<HandOver> logger) : BackgroundService
{
    private const int Batch = 64;
    private static readonly TimeSpan SlowScan = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var nextScan = time.GetTimestamp();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (time.GetTimestamp() >= nextScan)
                {
                    await queue.FreeAbandonedAsync(HandedWork.Driven, stoppingToken);
                    nextScan = time.GetTimestamp() + (long)(SlowScan.TotalSeconds * time.TimestampFrequency);
                }
                await bell.WaitAsync(await HandAsync(stoppingToken), stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                Failed(logger, error);
                await Task.Delay(TimeSpan.FromSeconds(1), time, CancellationToken.None);
            }
        }
    }

    /// <summary>How long until there is more.</summary>
    private async Task<TimeSpan> HandAsync(CancellationToken stopping)
    {
        CrossingPoints.Before(CrossingPoints.Lease, "LeaseAsync");
        var (items, nextDue) = await handOut.TakeAsync(Batch, stopping);
        if (items.Count > 0) CrossingPoints.After(CrossingPoints.Lease, "LeaseAsync");
        foreach (var item in items)
        {
            // Hangfire's client has no other way than to wait for its answer.
            var job = Job.FromExpression<HandedWork>(work => work.RunAsync(item.Title, item.Kind, item.Subject, CancellationToken.None));
            var name = await Task.Run(() => hangfire.Create(job, new EnqueuedState(HandedQueues.Of(item.Priority))), stopping);
            await handOut.NameAsync(item.Key, name, stopping);
        }
        return nextDue is { } due && due < SlowScan ? due : SlowScan;
    }

    [LoggerMessage(1151, LogLevel.Error, "work cannot be handed to Hangfire")]
    private static partial void Failed(ILogger logger, Exception error);
}
