using System.Collections.Concurrent;

namespace Wopr.Platform.Work;

/// <summary>This node's pool: leases what is due, has it driven, and waits for the bell.</summary>
public sealed partial class Worker(
    WorkQueue queue, WorkRun run, WorkQueueOptions options, WorkBell bell, TimeProvider time, ILogger<Worker> logger) : BackgroundService
{
    private static readonly TimeSpan SlowScan = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<Task, WorkLease> running = new();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var nextScan = time.GetTimestamp();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (time.GetTimestamp() >= nextScan)
                {
                    await queue.FreeAbandonedAsync([.. running.Values.Select(lease => lease.Key)], stoppingToken);
                    nextScan = time.GetTimestamp() + (long)(SlowScan.TotalSeconds * time.TimestampFrequency);
                }
                await bell.WaitAsync(await LeaseAndStartAsync(stoppingToken), stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception error)
            {
                QueueFailed(logger, error);
                await Task.Delay(TimeSpan.FromSeconds(1), time, CancellationToken.None);
            }
        }
        await Task.WhenAll(running.Keys);
    }

    /// <summary>How long the worker may sleep now.</summary>
    private async Task<TimeSpan> LeaseAndStartAsync(CancellationToken stopping)
    {
        var free = options.Concurrency - running.Count;
        if (free <= 0) return SlowScan;
        var (leases, nextDue) = await queue.LeaseAsync(free, suspectToo: !running.Values.Any(lease => lease.IsSuspect), stopping);
        foreach (var lease in leases) Start(lease, stopping);
        return nextDue is { } due && due < SlowScan ? due : SlowScan;
    }

    private void Start(WorkLease lease, CancellationToken stopping)
    {
        var task = run.DriveAsync(lease, stopping);
        running[task] = lease;
        _ = task.ContinueWith(done =>
        {
            running.TryRemove(done, out _);
            bell.Ring(TimeSpan.Zero);
        }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    [LoggerMessage(1103, LogLevel.Error, "the work queue cannot be reached")]
    private static partial void QueueFailed(ILogger logger, Exception error);
}
