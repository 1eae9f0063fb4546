using System.Collections.Concurrent;

namespace Wopr.Platform.Work;

/// <summary>This node's pool: leases what is due and has it driven.</summary>
public sealed class Worker(WorkQueue queue, WorkRun run, WorkQueueOptions options, WorkBell bell, TimeProvider time, ILogger<Worker> logger)
    : WorkRounds(queue, bell, time, logger)
{
    private readonly WorkQueue queue = queue;
    private readonly WorkBell bell = bell;
    private readonly ConcurrentDictionary<Task, WorkLease> running = new();

    // More may be due than there was room for, and the end of a run makes room. Otherwise it changes nothing: when the next is due is known.
    private volatile bool isShort;

    protected override IReadOnlyCollection<WorkKey> Driven => [.. running.Values.Select(lease => lease.Key)];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await base.ExecuteAsync(stoppingToken);
        await Task.WhenAll(running.Keys);
    }

    protected override async Task<TimeSpan?> TakeAsync(CancellationToken stopping)
    {
        isShort = true;
        var free = options.Concurrency - running.Count;
        if (free <= 0) return null;
        var (leases, nextDue) = await queue.LeaseAsync(free, suspectToo: !running.Values.Any(lease => lease.IsSuspect), stopping);
        foreach (var lease in leases) Start(lease, stopping);
        isShort = leases.Count >= free;
        return nextDue;
    }

    private void Start(WorkLease lease, CancellationToken stopping)
    {
        var task = run.DriveAsync(lease, stopping);
        running[task] = lease;
        _ = task.ContinueWith(done =>
        {
            running.TryRemove(done, out _);
            if (isShort || lease.IsSuspect) bell.Ring(TimeSpan.Zero);
        }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }
}
