using Npgsql;

namespace Wopr.Platform.Work;

/// <summary>Wakes this node's worker: at once, or when something that it has just scheduled falls due.</summary>
public sealed class WorkBell(TimeProvider time)
{
    private readonly Lock gate = new();
    private TaskCompletionSource rung = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private DateTimeOffset earliest = DateTimeOffset.MaxValue;

    public void Ring(TimeSpan delay)
    {
        lock (gate)
        {
            var at = time.GetUtcNow() + delay;
            if (at >= earliest) return;
            earliest = at;
            rung.TrySetResult();
        }
    }

    /// <summary>Rings for something that the transaction commits; a moment later where nobody watches over its commit, for which the slow scan is there.</summary>
    public void RingAfterCommit(NpgsqlTransaction transaction, TimeSpan delay)
    {
        if (!AfterCommit.Do(transaction, _ => Ring(delay))) Ring(delay + TimeSpan.FromMilliseconds(5));
    }

    /// <summary>Waits until the next ring is due, <paramref name="longest"/> at most.</summary>
    public async Task WaitAsync(TimeSpan longest, CancellationToken cancellation)
    {
        var end = time.GetUtcNow() + longest;
        while (true)
        {
            Task changed;
            TimeSpan wait;
            lock (gate)
            {
                var now = time.GetUtcNow();
                var until = earliest < end ? earliest : end;
                wait = until - now;
                if (wait <= TimeSpan.Zero)
                {
                    if (earliest <= now) earliest = DateTimeOffset.MaxValue;
                    return;
                }
                if (rung.Task.IsCompleted) rung = new(TaskCreationOptions.RunContinuationsAsynchronously);
                changed = rung.Task;
            }
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            await Task.WhenAny(changed, Task.Delay(wait, time, stop.Token));
            await stop.CancelAsync();
            cancellation.ThrowIfCancellationRequested();
        }
    }
}
