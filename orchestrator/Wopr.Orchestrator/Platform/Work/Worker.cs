using System.Collections.Concurrent;

namespace Wopr.Platform.Work;

/// <summary>This node's pool: leases what is due, drives it, keeps the leases alive, and waits for the bell.</summary>
public sealed partial class Worker(
    WorkQueue queue, WorkQueueOptions options, WorkBell bell, IEnumerable<IWorkHandler> handlers, TimeProvider time, ILogger<Worker> logger)
    : BackgroundService
{
    private static readonly TimeSpan SlowScan = TimeSpan.FromSeconds(2);

    private readonly Dictionary<string, IWorkHandler> handlers = handlers.ToDictionary(h => h.Kind, StringComparer.Ordinal);
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
                    await queue.FreeExpiredAsync(stoppingToken);
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
        var (leases, nextDue) = await queue.LeaseAsync(free, stopping);
        foreach (var lease in leases) Start(lease, stopping);
        return nextDue is { } due && due < SlowScan ? due : SlowScan;
    }

    private void Start(WorkLease lease, CancellationToken stopping)
    {
        var task = DriveAsync(lease, stopping);
        running[task] = lease;
        _ = task.ContinueWith(done =>
        {
            running.TryRemove(done, out _);
            bell.Ring(TimeSpan.Zero);
        }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private async Task DriveAsync(WorkLease lease, CancellationToken stopping)
    {
        await Task.Yield();
        using var lost = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        using var done = new CancellationTokenSource();
        var renewal = KeepAliveAsync(lease, lost, done.Token);
        try
        {
            await handlers[lease.Key.Kind].HandleAsync(lease, lost.Token);
        }
        catch (LeaseLostException)
        {
            LeaseLost(logger, lease.Key.Kind, lease.Key.Subject);
        }
        catch (OperationCanceledException) when (lost.IsCancellationRequested)
        {
            // Shutting down, or the lease is lost: somebody drives the item on from its last commit.
            if (stopping.IsCancellationRequested) await GiveBackAsync(lease);
        }
        catch (Exception error)
        {
            RunFailed(logger, lease.Key.Kind, lease.Key.Subject, lease.Attempt, error);
            await ReportAsync(lease, error);
        }
        finally
        {
            await done.CancelAsync();
            await renewal;
        }
    }

    private async Task KeepAliveAsync(WorkLease lease, CancellationTokenSource lost, CancellationToken done)
    {
        try
        {
            while (true)
            {
                await Task.Delay(options.Lease / 3, time, done);
                if (!await queue.RenewAsync(lease, done))
                {
                    await lost.CancelAsync();
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (done.IsCancellationRequested)
        {
        }
        catch (Exception error)
        {
            // The database is away. The lease will end by itself; the run meets the same trouble on its next write.
            QueueFailed(logger, error);
        }
    }

    private Task GiveBackAsync(WorkLease lease) => ReportAsync(lease with { Attempt = 0 }, null);

    private async Task ReportAsync(WorkLease lease, Exception? error)
    {
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            await queue.FailedAsync(lease, error is null ? "node stopped" : $"{error.GetType().Name}: {error.Message}", limit.Token);
        }
        catch (Exception reportError)
        {
            // The lease ends by itself and the item is found by the slow scan.
            QueueFailed(logger, reportError);
        }
    }

    [LoggerMessage(1101, LogLevel.Warning, "work {Kind} {Subject}: lease lost, leaving it to its new holder")]
    private static partial void LeaseLost(ILogger logger, string kind, Guid subject);

    [LoggerMessage(1102, LogLevel.Error, "work {Kind} {Subject}: attempt {Attempt} failed")]
    private static partial void RunFailed(ILogger logger, string kind, Guid subject, int attempt, Exception error);

    [LoggerMessage(1103, LogLevel.Error, "the work queue cannot be reached")]
    private static partial void QueueFailed(ILogger logger, Exception error);
}
