using Dapper;
using Npgsql;

namespace Wopr.Platform.Work;

/// <summary>
/// For an executor with queues of its own: due items are handed to it, and whoever there comes to drive one leases exactly
/// that one. An item that was handed out and not leased in time is handed out again; two who come for one item find that
/// only one gets the lease.
/// </summary>
public sealed class WorkHandOut(NpgsqlDataSource database, WorkQueueOptions options)
{
    /// <summary>How long the executor may take to come for an item before it is handed out again.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>Marks what is due as handed out, and says how long it is until more is due.</summary>
    public async Task<(IReadOnlyList<HandedItem> Items, TimeSpan? NextDue)> TakeAsync(int capacity, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var items = (await connection.QueryAsync<HandedItem>(new CommandDefinition("""
            WITH due AS (
                SELECT kind, subject FROM work_items
                WHERE lease_until IS NULL AND quarantined_at IS NULL AND wake_at <= now() AND (handed_until IS NULL OR handed_until <= now())
                ORDER BY priority, wake_at LIMIT @capacity FOR UPDATE SKIP LOCKED),
            handed AS (
                UPDATE work_items w SET handed_until = now() + @Patience FROM due WHERE w.kind = due.kind AND w.subject = due.subject
                RETURNING w.kind, w.subject, w.priority, w.attempt)
            SELECT h.kind, h.subject, h.priority, h.attempt + 1 AS attempt, j.beacon_name, j.state
            FROM handed h LEFT JOIN jobs j ON j.id = h.subject AND h.kind = 'provision' ORDER BY h.priority
            """, new { capacity, Patience }, cancellationToken: cancellation))).ToList();
        if (items.Count >= capacity) return (items, TimeSpan.Zero);
        var next = await connection.QuerySingleOrDefaultAsync<double?>(new CommandDefinition("""
            SELECT extract(epoch FROM greatest(wake_at, handed_until) - now())::float8 FROM work_items
            WHERE lease_until IS NULL AND quarantined_at IS NULL AND wake_at < 'infinity' ORDER BY greatest(wake_at, handed_until) LIMIT 1
            """, cancellationToken: cancellation));
        return (items, next is null ? null : TimeSpan.FromSeconds(Math.Max(0, next.Value)));
    }

    /// <summary>Under which name the executor knows the item, for whoever looks for its runs.</summary>
    public async Task NameAsync(WorkKey key, string name, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition("UPDATE work_items SET handed_as = @name WHERE kind = @Kind AND subject = @Subject",
            new { name, key.Kind, key.Subject }, cancellationToken: cancellation));
    }

    public async Task<string?> NameOfAsync(WorkKey key, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await connection.ExecuteScalarAsync<string?>(new CommandDefinition("SELECT handed_as FROM work_items WHERE kind = @Kind AND subject = @Subject",
            new { key.Kind, key.Subject }, cancellationToken: cancellation));
    }

    /// <summary>The lease of this item, or null when it is not due, is driven already, or may not be driven beside others.</summary>
    public async Task<WorkLease?> LeaseAsync(WorkKey key, bool suspectToo, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var row = await connection.QuerySingleOrDefaultAsync<LeaseRow?>(new CommandDefinition("""
            UPDATE work_items SET lease_until = now() + @Lease, lease_owner = @Node, fence = fence + 1, attempt = attempt + 1, handed_until = NULL
            WHERE kind = @Kind AND subject = @Subject AND lease_until IS NULL AND quarantined_at IS NULL AND wake_at <= now()
                AND (deaths < @SuspectDeaths OR @suspectToo)
            RETURNING fence, attempt, signals, deaths
            """, new { options.Lease, options.Node, key.Kind, key.Subject, WorkLease.SuspectDeaths, suspectToo }, cancellationToken: cancellation));
        return row is null ? null : new WorkLease(key, row.Fence, row.Attempt, row.Signals, row.Deaths);
    }

    private sealed record LeaseRow(long Fence, int Attempt, long Signals, int Deaths);
}

/// <summary>An item that is due.</summary>
/// <param name="Attempt">The one that comes now, from 1.</param>
/// <param name="BeaconName">Of a provisioning job; null for other work, as is <paramref name="State"/>.</param>
public sealed record HandedItem(string Kind, Guid Subject, short Priority, int Attempt, string? BeaconName, string? State)
{
    public WorkKey Key => new(Kind, Subject);

    /// <summary>What people read: beacon, step and attempt, or the kind of work.</summary>
    public string Title => (BeaconName is null ? Kind.Replace('_', ' ') : $"{BeaconName}: {State}") + (Attempt > 1 ? $", attempt {Attempt}" : "");
}
