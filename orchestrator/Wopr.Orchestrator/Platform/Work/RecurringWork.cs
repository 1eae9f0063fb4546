using Dapper;
using Npgsql;
using Wopr.Platform.Http;

namespace Wopr.Platform.Work;

/// <summary>
/// Work that comes round: one item for all nodes, made at the start of the first, driven by whichever node leases it.
/// A run that throws is tried again soon, as with all work; one that cannot do its work for a known reason says when to
/// come back instead.
/// </summary>
public abstract class RecurringWork(NpgsqlDataSource database, WorkQueue queue) : IWorkHandler
{
    // After everything that a customer waits for.
    private const int Priority = 8;

    public abstract string Kind { get; }

    public WorkKey Key => new(Kind, Guid.Empty);

    /// <summary>The usual time from the end of one run to the start of the next.</summary>
    protected abstract TimeSpan Period { get; }

    /// <summary>For a profile that has a clock of its own for what comes round.</summary>
    public TimeSpan UsualPeriod => Period;

    /// <summary>The time before the very first round.</summary>
    protected virtual TimeSpan FirstDelay => TimeSpan.Zero;

    /// <summary>One round. It may overlap with a former holder's that only slept, so what it writes must bear repetition.</summary>
    /// <returns>How long until the next round, usually <see cref="Period"/>. A signal to <see cref="Key"/> comes first.</returns>
    protected abstract Task<TimeSpan> RunAsync(WorkLease lease, CancellationToken cancellation);

    public async Task HandleAsync(WorkLease lease, CancellationToken cancellation)
    {
        // Nobody waits for it: its provider calls leave the budget's reserve to customers.
        using var scope = CallScope.Begin(CallPriority.Sweep);
        var pause = await RunAsync(lease, cancellation);
        await database.InTransactionAsync(
            (connection, transaction) => queue.ReleaseAsync(connection, transaction, lease, new Wake.After(pause), lease.Signals), cancellation);
    }

    /// <summary>Makes the item if it is missing; a sleeping one is brought forward to the period as configured now.</summary>
    public async Task EnsureAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition("""
            INSERT INTO work_items (kind, subject, priority, wake_at) VALUES (@Kind, @Subject, @Priority, now() + @FirstDelay)
            ON CONFLICT (kind, subject) DO UPDATE SET priority = excluded.priority, wake_at = least(work_items.wake_at, now() + @Period)
            """, new { Key.Kind, Key.Subject, Priority, FirstDelay, Period }, cancellationToken: cancellation));
    }
}
