using Dapper;
using Npgsql;

namespace Wopr.Platform.Work;

/// <summary>
/// For an executor with queues of its own: due items are handed to it, and whoever there comes to drive one leases exactly
/// that one. An item that was handed out and not leased in time is handed out again, at once when the node is dead that had it in
/// hand (<see cref="WorkQueue.FreeAbandonedAsync"/>); two who come for one item find that only one gets the lease.
/// </summary>
public sealed class WorkHandOut(NpgsqlDataSource database, WorkQueueOptions options)
{
    /// <summary>How long the executor may take to come for an item before it is handed out again.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Marks what is due as handed out, and says how long it is until more is due. Of suspects one at a time, and the next
    /// only when that one has been driven: which of them kills must show.
    /// </summary>
    public async Task<(IReadOnlyList<HandedItem> Items, TimeSpan? NextDue)> TakeAsync(int capacity, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rows = (await connection.QueryAsync<HandedRow>(new CommandDefinition("""
            WITH trouble AS (
                SELECT EXISTS (SELECT FROM work_items WHERE deaths > 0 AND deaths >= @SuspectDeaths AND (lease_until IS NOT NULL OR handed_until > now())) AS held),
            suspect AS (
                SELECT kind, subject FROM work_items
                WHERE lease_until IS NULL AND quarantined_at IS NULL AND wake_at <= now() AND deaths > 0 AND deaths >= @SuspectDeaths AND NOT (SELECT held FROM trouble)
                ORDER BY wake_at LIMIT 1 FOR UPDATE SKIP LOCKED),
            usual AS (
                SELECT kind, subject FROM work_items
                WHERE lease_until IS NULL AND quarantined_at IS NULL AND wake_at <= now() AND deaths < @SuspectDeaths AND (handed_until IS NULL OR handed_until <= now())
                ORDER BY priority, wake_at LIMIT @capacity FOR UPDATE SKIP LOCKED),
            due AS (SELECT * FROM suspect UNION ALL SELECT * FROM usual),
            handed AS (
                UPDATE work_items w SET handed_until = now() + @Patience, handed_by = @Node
                FROM due WHERE w.kind = due.kind AND w.subject = due.subject
                RETURNING w.kind, w.subject, w.priority, w.attempt),
            next AS (
                SELECT extract(epoch FROM wake_at - now())::float8 AS due FROM work_items
                WHERE lease_until IS NULL AND quarantined_at IS NULL AND wake_at < 'infinity' AND (handed_until IS NULL OR handed_until <= now())
                    AND (kind, subject) NOT IN (SELECT * FROM due)
                    AND (deaths < @SuspectDeaths OR NOT ((SELECT held FROM trouble) OR EXISTS (SELECT FROM suspect)))
                ORDER BY wake_at LIMIT 1)
            SELECT h.kind, h.subject, h.priority, h.attempt + 1 AS attempt, j.beacon_name, j.state, NULL::float8 AS next_due
            FROM handed h LEFT JOIN jobs j ON j.id = h.subject AND h.kind = 'provision'
            UNION ALL SELECT '', NULL, 0::smallint, 0, NULL, NULL, due FROM next
            """, new { capacity, Patience, options.Node, WorkLease.SuspectDeaths }, cancellationToken: cancellation))).ToLookup(row => row.NextDue is null);
        var items = rows[true].OrderBy(row => row.Priority).Select(row => new HandedItem(new(row.Kind, row.Subject!.Value), row.Priority, row.Attempt, row.BeaconName, row.State)).ToList();
        if (items.Count >= capacity) return (items, TimeSpan.Zero);
        return (items, rows[false].SingleOrDefault()?.NextDue is { } next ? TimeSpan.FromSeconds(Math.Max(0, next)) : null);
    }

    /// <summary>The lease of this item, or null when it is not due, is driven already, or may not be driven beside others.</summary>
    /// <param name="ahead">Also before it is due: whoever comes for it has a clock of its own.</param>
    public async Task<WorkLease?> LeaseAsync(WorkKey key, bool suspectToo, CancellationToken cancellation, bool ahead = false)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var row = await connection.QuerySingleOrDefaultAsync<LeaseRow?>(new CommandDefinition("""
            UPDATE work_items SET lease_until = now() + @Lease, lease_owner = @Node, fence = fence + 1, attempt = attempt + 1, handed_until = NULL
            WHERE kind = @Kind AND subject = @Subject AND lease_until IS NULL AND quarantined_at IS NULL AND (wake_at <= now() OR @ahead)
                AND (deaths < @SuspectDeaths OR @suspectToo)
            RETURNING fence, attempt, signals, deaths
            """, new { options.Lease, options.Node, key.Kind, key.Subject, WorkLease.SuspectDeaths, suspectToo, ahead }, cancellationToken: cancellation));
        return row is null ? null : new WorkLease(key, row.Fence, row.Attempt, row.Signals, row.Deaths);
    }

    private sealed record LeaseRow(long Fence, int Attempt, long Signals, int Deaths);

    private sealed record HandedRow(string Kind, Guid? Subject, short Priority, int Attempt, string? BeaconName, string? State, double? NextDue);
}

/// <summary>An item that is due.</summary>
/// <param name="Attempt">The one that comes now, from 1.</param>
/// <param name="BeaconName">Of a provisioning job; null for other work, as is <paramref name="State"/>.</param>
public sealed record HandedItem(WorkKey Key, short Priority, int Attempt, string? BeaconName, string? State)
{
    /// <summary>What people read: beacon, step and attempt, or the kind of work.</summary>
    public string Title => $"{(BeaconName is null ? Key.Kind.Replace('_', ' ') : $"{BeaconName}: {State}")}, attempt {Attempt}";
}
