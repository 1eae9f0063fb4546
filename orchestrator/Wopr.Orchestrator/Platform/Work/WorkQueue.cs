using System.Runtime.CompilerServices;
using Dapper;
using Npgsql;
using Wopr.Platform.Crossings;

namespace Wopr.Platform.Work;

/// <summary>
/// Work items in PostgreSQL: leased with <c>FOR UPDATE SKIP LOCKED</c>, woken at once by <c>NOTIFY</c>, found for certain
/// by a slow scan. All times are the database's.
/// </summary>
public sealed class WorkQueue(NpgsqlDataSource database, WorkQueueOptions options, WorkBell bell)
{
    public const string Channel = "wopr_work";

    /// <summary>Something is due. Whoever writes so tells it.</summary>
    public static readonly Announcement News = new(Channel, "");

    // Five minutes with the usual lease: often enough that nothing is left behind for ever, too seldom to keep killing nodes.
    private const int QuarantineLeases = 30;

    // One death may be anything; after two the item waits, so that a node that is killed again and again is told from an item that kills.
    private static readonly TimeSpan AfterSecondDeath = TimeSpan.FromSeconds(10);

    public string Node { get; } = options.Node;

    /// <summary>Makes the item due now, or leaves it as it is when it exists. Part of the caller's transaction.</summary>
    public static async Task EnqueueAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, WorkKey key, int priority = 5, TimeSpan? delay = null) =>
        await WakeAsync(connection, transaction, EnqueueSql, new { workKind = key.Kind, workSubject = key.Subject, priority, delay = delay ?? TimeSpan.Zero });

    /// <summary>The same among other statements. Whoever commits them tells <see cref="News"/>.</summary>
    public const string EnqueueSql = """
        INSERT INTO work_items (kind, subject, priority, wake_at) VALUES (@workKind, @workSubject, @priority, now() + @delay)
        ON CONFLICT DO NOTHING
        """;

    /// <summary>
    /// Makes sure that a shared item is driven after <c>@delay</c> at the latest, whether it sleeps or is new. One among other
    /// statements; whoever commits them tells <see cref="News"/>.
    /// </summary>
    public const string EnqueueNoLaterSql = """
        INSERT INTO work_items (kind, subject, priority, wake_at) VALUES (@workKind, @workSubject, 3, now() + @delay)
        ON CONFLICT (kind, subject) DO UPDATE SET
            wake_at = least(work_items.wake_at, excluded.wake_at),
            signals = work_items.signals + CASE WHEN work_items.lease_until IS NULL THEN 0 ELSE 1 END
        """;

    /// <summary>Wakes the item. One that is being driven right now is driven again afterwards.</summary>
    public static async Task SignalAsync(NpgsqlConnection connection, NpgsqlTransaction? transaction, WorkKey key) =>
        await WakeAsync(connection, transaction, """
            UPDATE work_items
            SET signals = signals + 1, wake_at = CASE WHEN lease_until IS NULL AND deaths < @SuspectDeaths THEN least(wake_at, now()) ELSE wake_at END
            WHERE kind = @Kind AND subject = @Subject
            """, new { key.Kind, key.Subject, WorkLease.SuspectDeaths });

    private static async Task WakeAsync(NpgsqlConnection connection, NpgsqlTransaction? transaction, string sql, object parameters, [CallerMemberName] string what = "")
    {
        CrossingPoints.Before(CrossingPoints.Enqueue, what);
        await connection.ExecuteAsync(sql, parameters, transaction);
        await Announcements.TellAsync(connection, transaction, News);
        CrossingPoints.After(CrossingPoints.Enqueue, what);
    }

    public Task<(IReadOnlyList<WorkLease> Leases, TimeSpan? NextDue)> LeaseAsync(int capacity, CancellationToken cancellation) =>
        LeaseAsync(capacity, suspectToo: true, cancellation);

    /// <summary>Leases what is due, up to <paramref name="capacity"/>, and says how long it is until the next is due. Of suspects at most one, and
    /// none unless <paramref name="suspectToo"/>.</summary>
    public async Task<(IReadOnlyList<WorkLease> Leases, TimeSpan? NextDue)> LeaseAsync(int capacity, bool suspectToo, CancellationToken cancellation)
    {
        CrossingPoints.Before(CrossingPoints.Lease, "LeaseAsync");
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rows = (await connection.QueryAsync<LeaseRow>(new CommandDefinition("""
            WITH suspect AS (
                SELECT kind, subject FROM work_items
                WHERE lease_until IS NULL AND quarantined_at IS NULL AND wake_at <= now() AND deaths >= @SuspectDeaths AND @suspectToo
                ORDER BY wake_at LIMIT 1 FOR UPDATE SKIP LOCKED),
            usual AS (
                SELECT kind, subject FROM work_items
                WHERE lease_until IS NULL AND quarantined_at IS NULL AND wake_at <= now() AND deaths < @SuspectDeaths
                ORDER BY priority, wake_at LIMIT @capacity FOR UPDATE SKIP LOCKED),
            due AS (SELECT * FROM suspect UNION ALL SELECT * FROM usual),
            leased AS (
                UPDATE work_items w
                SET lease_until = now() + @Lease, lease_owner = @Node, fence = w.fence + 1, attempt = w.attempt + 1
                FROM due WHERE w.kind = due.kind AND w.subject = due.subject
                RETURNING w.kind, w.subject, w.fence, w.attempt, w.signals, w.deaths),
            next AS (
                SELECT extract(epoch FROM wake_at - now())::float8 AS due FROM work_items
                WHERE lease_until IS NULL AND quarantined_at IS NULL AND wake_at < 'infinity' AND (kind, subject) NOT IN (SELECT * FROM due)
                    AND (deaths < @SuspectDeaths OR (@suspectToo AND NOT EXISTS (SELECT FROM suspect)))
                ORDER BY wake_at LIMIT 1)
            SELECT kind, subject, fence, attempt, signals, deaths, NULL::float8 AS next_due FROM leased
            UNION ALL SELECT '', NULL, 0, 0, 0, 0, due FROM next
            """, new { capacity, suspectToo, WorkLease.SuspectDeaths, options.Lease, options.Node }, cancellationToken: cancellation))).ToLookup(r => r.NextDue is null);
        var leases = rows[true].Select(r => new WorkLease(new(r.Kind, r.Subject!.Value), r.Fence, r.Attempt, r.Signals, r.Deaths)).ToList();
        if (leases.Count > 0) CrossingPoints.After(CrossingPoints.Lease, "LeaseAsync");
        if (leases.Count >= capacity) return (leases, TimeSpan.Zero);
        return (leases, rows[false].SingleOrDefault()?.NextDue is { } next ? TimeSpan.FromSeconds(Math.Max(0, next)) : null);
    }

    /// <summary>
    /// Frees what holders left leased that are surely dead, or silent for a whole lease. The fence keeps a holder that only
    /// slept from writing late. What this node itself is <paramref name="driving"/> is not among them: while the database
    /// is away it cannot say so.
    /// </summary>
    public async Task<int> FreeAbandonedAsync(IReadOnlyCollection<WorkKey> driving, CancellationToken cancellation)
    {
        var quarantine = options.Lease * QuarantineLeases;
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var holders = (await connection.QueryAsync<Holder>(new CommandDefinition("""
            SELECT lease_owner AS name, bool_or(lease_until <= now()) AS silent FROM work_items WHERE lease_until IS NOT NULL GROUP BY lease_owner
            UNION ALL SELECT DISTINCT handed_by, false FROM work_items WHERE handed_until IS NOT NULL AND handed_by IS NOT NULL
            UNION ALL SELECT '', true WHERE EXISTS (SELECT FROM work_items WHERE quarantined_at < now() - @quarantine)
            """, new { quarantine }, cancellationToken: cancellation))).ToList();
        var dead = holders.Where(h => NodeName.IsSurelyDead(h.Name)).Select(h => h.Name).ToArray();
        if (dead.Length == 0 && !holders.Exists(h => h.Silent)) return 0;
        return await connection.ExecuteAsync(new CommandDefinition("""
            -- What was set aside is tried once more after a while: others wait for it, or it has something to take down.
            -- Nodes do this at the same time: what another has locked is left to it, or they would wait for each other in a circle.
            WITH over AS (
                SELECT kind, subject FROM work_items WHERE quarantined_at < now() - @quarantine FOR UPDATE SKIP LOCKED)
            UPDATE work_items w SET quarantined_at = NULL, attempt = @LastAttempt, wake_at = now()
            FROM over o WHERE w.kind = o.kind AND w.subject = o.subject;
            WITH left_behind AS (
                SELECT kind, subject FROM work_items WHERE handed_until IS NOT NULL AND handed_by = ANY (@dead) FOR UPDATE SKIP LOCKED)
            UPDATE work_items w SET handed_until = NULL FROM left_behind l WHERE w.kind = l.kind AND w.subject = l.subject;
            WITH abandoned AS (
                SELECT kind, subject FROM work_items
                WHERE lease_until IS NOT NULL AND (lease_until <= now() OR lease_owner = ANY (@dead))
                  AND (lease_owner <> @Node OR NOT EXISTS (SELECT FROM unnest(@kinds, @subjects) AS mine (kind, subject)
                                                           WHERE mine.kind = work_items.kind AND mine.subject = work_items.subject))
                FOR UPDATE SKIP LOCKED)
            UPDATE work_items w SET lease_until = NULL, lease_owner = NULL, deaths = deaths + 1,
                wake_at = now() + CASE WHEN deaths = 0 THEN interval '0' ELSE @AfterSecondDeath END
            FROM abandoned a WHERE w.kind = a.kind AND w.subject = a.subject
            """, new
        {
            Node,
            LastAttempt = WorkLease.MostAttempts - 1,
            quarantine,
            AfterSecondDeath,
            dead,
            kinds = driving.Select(key => key.Kind).ToArray(),
            subjects = driving.Select(key => key.Subject).ToArray(),
        }, cancellationToken: cancellation));
    }

    /// <summary>Keeps the lease alive; false when it is lost.</summary>
    public async Task<bool> RenewAsync(WorkLease lease, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await connection.ExecuteAsync(new CommandDefinition("""
            UPDATE work_items SET lease_until = now() + @Lease
            WHERE kind = @Kind AND subject = @Subject AND fence = @Fence AND lease_until IS NOT NULL
            """, new { options.Lease, lease.Key.Kind, lease.Key.Subject, lease.Fence }, cancellationToken: cancellation)) == 1;
    }

    /// <summary>
    /// Locks the item's row, if it has one, until the caller's transaction ends. Whoever writes about a subject locks its
    /// work item first and only then other rows.
    /// </summary>
    public static Task LockAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, WorkKey key) =>
        connection.ExecuteAsync("SELECT 1 FROM work_items WHERE kind = @Kind AND subject = @Subject FOR UPDATE", new { key.Kind, key.Subject }, transaction);

    /// <summary>Locks the item's row for the caller's transaction, or refuses because the lease is somebody else's.</summary>
    /// <exception cref="LeaseLostException" />
    public static async Task GuardAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, WorkLease lease)
    {
        var held = await connection.ExecuteScalarAsync<int?>("""
            SELECT 1 FROM work_items WHERE kind = @Kind AND subject = @Subject AND fence = @Fence FOR UPDATE
            """, new { lease.Key.Kind, lease.Key.Subject, lease.Fence }, transaction);
        if (held is null) throw new LeaseLostException(lease.Key);
    }

    /// <summary>The guard as the first of several statements in one text: without the lease all of them fail with <see cref="LeaseLostState"/>.</summary>
    public static string GuardSql(string kind, string subject, string fence) => $"SELECT require_lease({kind}, {subject}, {fence});\n";

    /// <summary>The state of the error that <c>require_lease</c> raises.</summary>
    public const string LeaseLostState = "WL001";

    /// <summary>The same for a moment only, before something outside that no lock keeps waiting.</summary>
    /// <exception cref="LeaseLostException" />
    public static async Task ConfirmAsync(NpgsqlConnection connection, WorkLease lease, CancellationToken cancellation)
    {
        var held = await connection.ExecuteScalarAsync<int?>(new CommandDefinition(
            "SELECT 1 FROM work_items WHERE kind = @Kind AND subject = @Subject AND fence = @Fence", new { lease.Key.Kind, lease.Key.Subject, lease.Fence }, cancellationToken: cancellation));
        if (held is null) throw new LeaseLostException(lease.Key);
    }

    /// <summary>Ends an orderly run, in the caller's transaction. A signal newer than <paramref name="seenSignals"/> wakes the item at once.</summary>
    /// <exception cref="LeaseLostException" />
    public async Task ReleaseAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, WorkLease lease, Wake wake, long seenSignals)
    {
        var rows = (await connection.QueryAsync<double?>(ReleaseSql(wake), ReleaseValues(lease, wake, seenSignals), transaction)).ToList();
        if (rows.Count == 0) throw new LeaseLostException(lease.Key);
        if (wake is not Wake.Never && rows[0] is { } due) bell.RingAfterCommit(transaction, TimeSpan.FromSeconds(due));
    }

    /// <summary>Ends an orderly run, and writes what belongs to that, in one statement of its own.</summary>
    /// <param name="latest">In SQL: when the item is driven again at the latest.</param>
    /// <param name="beside">In SQL: what changes together with it, where <c>EXISTS (SELECT FROM released)</c>.</param>
    /// <param name="besideValues">What <paramref name="beside"/> names.</param>
    /// <exception cref="LeaseLostException" />
    public async Task ReleaseAsync(
        WorkLease lease, Wake wake, long seenSignals, CancellationToken cancellation, string latest = "NULL", string? beside = null, object? besideValues = null,
        [CallerMemberName] string what = "")
    {
        var values = ReleaseValues(lease, wake, seenSignals);
        values.AddDynamicParams(besideValues);
        var sql = $"WITH released AS ({ReleaseSql(wake, latest)}){(beside is null ? "" : $", beside AS ({beside})")} SELECT due FROM released";
        var rows = await database.InOneStatementAsync<double?>(sql, values, cancellation, what);
        if (rows.Count == 0) throw new LeaseLostException(lease.Key);
        if (wake is not Wake.Never && rows[0] is { } due) bell.Ring(TimeSpan.FromSeconds(due));
    }

    private static string ReleaseSql(Wake wake, string latest = "NULL") => wake is Wake.Never
        ? "DELETE FROM work_items WHERE kind = @workKind AND subject = @workSubject AND fence = @fence RETURNING 0::float8 AS due"
        : $"""
           UPDATE work_items
           SET lease_until = NULL, lease_owner = NULL, attempt = 0, deaths = 0, last_error = NULL,
               wake_at = CASE WHEN signals > @seenSignals THEN now() ELSE coalesce(least(now() + @delay::interval, {latest}), 'infinity') END
           WHERE kind = @workKind AND subject = @workSubject AND fence = @fence
           RETURNING CASE WHEN wake_at = 'infinity' THEN NULL ELSE extract(epoch FROM wake_at - now())::float8 END AS due
           """;

    private static DynamicParameters ReleaseValues(WorkLease lease, Wake wake, long seenSignals) =>
        new(new { workKind = lease.Key.Kind, workSubject = lease.Key.Subject, fence = lease.Fence, seenSignals, delay = (wake as Wake.After)?.Delay });

    /// <summary>The run ended in an exception: try again after a pause that doubles with each attempt, at most a minute.</summary>
    public Task FailedAsync(WorkLease lease, string error, CancellationToken cancellation) =>
        PutBackAsync(lease, TimeSpan.FromSeconds(Math.Min(60, Math.Pow(2, Math.Min(lease.Attempt, 6) - 1))), error, counted: true, cancellation);

    /// <summary>The run ended through no fault of its own: the node stops, or the database was away. It is not counted.</summary>
    public Task InterruptedAsync(WorkLease lease, TimeSpan delay, string why, CancellationToken cancellation) =>
        PutBackAsync(lease, delay, why, counted: false, cancellation);

    private async Task PutBackAsync(WorkLease lease, TimeSpan delay, string error, bool counted, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        // Another node that took this one for dead has counted a death by mistake.
        await connection.ExecuteAsync(new CommandDefinition("""
            UPDATE work_items
            SET lease_until = NULL, lease_owner = NULL, wake_at = now() + @delay, last_error = @error,
                attempt = CASE WHEN @counted THEN attempt ELSE greatest(0, attempt - 1) END,
                deaths = CASE WHEN lease_until IS NULL THEN greatest(0, deaths - 1) ELSE deaths END
            WHERE kind = @Kind AND subject = @Subject AND fence = @Fence
            """, new { delay, error, counted, lease.Key.Kind, lease.Key.Subject, lease.Fence }, cancellationToken: cancellation));
        bell.Ring(delay);
        Announcements.Of(database).Tell([News]);
    }

    private sealed record Holder(string Name, bool Silent);

    private sealed record LeaseRow(string Kind, Guid? Subject, long Fence, int Attempt, long Signals, int Deaths, double? NextDue);
}

/// <param name="Lease">How long a holder may be silent before its item is given to another.</param>
/// <param name="Concurrency">Items that one node drives at a time.</param>
public sealed record WorkQueueOptions(string Node, TimeSpan Lease, int Concurrency)
{
    // Nearly all of a run is waiting for a provider, which holds neither a thread nor a connection.
    private const int DefaultConcurrency = 64;

    public static WorkQueueOptions For(string node, TimeSpan? lease = null) => new(node, lease ?? TimeSpan.FromSeconds(10), DefaultConcurrency);
}
