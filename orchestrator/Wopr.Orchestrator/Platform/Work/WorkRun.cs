using Wopr.Platform.Crossings;

namespace Wopr.Platform.Work;

/// <summary>Drives one leased item, keeps its lease alive meanwhile, and writes down how the run ended.</summary>
public sealed partial class WorkRun(WorkQueue queue, IQuarantine quarantine, WorkQueueOptions options, IEnumerable<IWorkHandler> handlers, TimeProvider time, ILogger<WorkRun> logger)
{
    // A database that restarts is back within a few of these.
    private static readonly TimeSpan AfterTrouble = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, IWorkHandler> handlers = handlers.ToDictionary(h => h.Kind, StringComparer.Ordinal);

    /// <summary>Never throws: how the run ended is written down.</summary>
    public async Task DriveAsync(WorkLease lease, CancellationToken stopping)
    {
        await Task.Yield();
        CrossingPoints.Enter(lease.Key.Kind, lease.Key.Subject);
        // The lease began a moment before this; the bell and the pool take less than what a third of it leaves.
        var held = HeldLease.Begin(options.Lease, time);
        using var lost = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        using var done = new CancellationTokenSource();
        var renewal = KeepAliveAsync(lease, held, lost, done.Token);
        try
        {
            var handler = handlers[lease.Key.Kind];
            if (!lease.IsPoison) await handler.HandleAsync(lease, lost.Token);
            else if (!await handler.GiveUpAsync(lease, lost.Token)) await quarantine.PutAsync(lease, lost.Token);
            if (lease.Attempt is > 1 and <= WorkLease.MostAttempts) await quarantine.RecoveredAsync(lease.Key, stopping);
        }
        catch (LeaseLostException)
        {
            LeaseLost(logger, lease.Key.Kind, lease.Key.Subject);
        }
        catch (OperationCanceledException) when (lost.IsCancellationRequested)
        {
            // Shutting down, or the lease is lost: somebody drives the item on from its last commit.
            if (!stopping.IsCancellationRequested) LeaseLost(logger, lease.Key.Kind, lease.Key.Subject);
            else await ReportAsync(limit => queue.InterruptedAsync(lease, TimeSpan.Zero, "node stopped", limit), CancellationToken.None);
        }
        catch (Exception error) when (Database.IsPassingTrouble(error))
        {
            DatabaseAway(logger, lease.Key.Kind, lease.Key.Subject, error.Message);
            await ReportAsync(limit => queue.InterruptedAsync(lease, AfterTrouble, $"{error.GetType().Name}: {error.Message}", limit), stopping);
        }
        catch (Exception error)
        {
            RunFailed(logger, lease.Key.Kind, lease.Key.Subject, lease.Attempt, error);
            await ReportAsync(limit => queue.FailedAsync(lease, $"{error.GetType().Name}: {error.Message}", limit), stopping);
        }
        finally
        {
            await done.CancelAsync();
            await renewal;
        }
    }

    private async Task KeepAliveAsync(WorkLease lease, HeldLease held, CancellationTokenSource lost, CancellationToken done)
    {
        while (true)
        {
            try
            {
                // Quietly, for nearly every run ends before that.
                await Task.Delay(options.Lease / 3, time, done).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (done.IsCancellationRequested) return;
                var asked = held.Now();
                if (await queue.RenewAsync(lease, done))
                {
                    held.Renewed(asked);
                    continue;
                }
                await lost.CancelAsync();
                return;
            }
            catch (OperationCanceledException) when (done.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                // The database is away: the run meets the same trouble on its next write, and whether the lease is lost shows when it is back.
                QueueFailed(logger, error);
            }
        }
    }

    /// <summary>
    /// Writes down how a run ended. While the database is away it is tried again, or the run would be taken for a death;
    /// a node that stops tries once, and its lease ends with it.
    /// </summary>
    private async Task ReportAsync(Func<CancellationToken, Task> report, CancellationToken stopping)
    {
        for (var once = stopping == CancellationToken.None; ; once |= stopping.IsCancellationRequested)
        {
            try
            {
                using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5), time);
                await report(limit.Token);
                return;
            }
            catch (Exception error)
            {
                QueueFailed(logger, error);
                if (once) return;
            }
            await Task.Delay(AfterTrouble, time, CancellationToken.None);
        }
    }

    [LoggerMessage(1101, LogLevel.Warning, "work {Kind} {Subject}: lease lost, leaving it to its new holder")]
    private static partial void LeaseLost(ILogger logger, string kind, Guid subject);

    [LoggerMessage(1102, LogLevel.Error, "work {Kind} {Subject}: attempt {Attempt} failed")]
    private static partial void RunFailed(ILogger logger, string kind, Guid subject, int attempt, Exception error);

    [LoggerMessage(1104, LogLevel.Warning, "work {Kind} {Subject}: the database was away, again in a moment: {Reason}")]
    private static partial void DatabaseAway(ILogger logger, string kind, Guid subject, string reason);

    [LoggerMessage(1103, LogLevel.Error, "the work queue cannot be reached")]
    private static partial void QueueFailed(ILogger logger, Exception error);
}
