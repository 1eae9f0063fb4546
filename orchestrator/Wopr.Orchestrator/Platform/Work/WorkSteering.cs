using Dapper;
using Npgsql;

namespace Wopr.Platform.Work;

/// <summary>What somebody from outside does to a work item: an operator's verb, in the transaction of the verb.</summary>
public static class WorkSteering
{
    /// <summary>
    /// Makes the item due now: one that is missing is made, one that sleeps is woken, one in quarantine is let out, and
    /// one that is being driven is driven again afterwards.
    /// </summary>
    public static Task ReviveAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, WorkKey key, int priority = 4) =>
        ToldAsync(connection, transaction, """
            INSERT INTO work_items (kind, subject, priority, wake_at) VALUES (@Kind, @Subject, @priority, now())
            ON CONFLICT (kind, subject) DO UPDATE SET
                signals = work_items.signals + 1,
                attempt = CASE WHEN work_items.quarantined_at IS NULL THEN work_items.attempt ELSE @AfterQuarantine END,
                quarantined_at = NULL,
                wake_at = CASE WHEN work_items.lease_until IS NULL THEN least(work_items.wake_at, now()) ELSE work_items.wake_at END
            """, new { key.Kind, key.Subject, priority, AfterQuarantine });

    /// <summary>Lets the item out of quarantine; it is due now. False when it is not in there.</summary>
    public static async Task<bool> ReleaseAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, WorkKey key) =>
        await ToldAsync(connection, transaction, """
            UPDATE work_items SET quarantined_at = NULL, attempt = @AfterQuarantine, wake_at = now()
            WHERE kind = @Kind AND subject = @Subject AND quarantined_at IS NOT NULL
            """, new { key.Kind, key.Subject, AfterQuarantine }) == 1;

    // Not none: the run that ends in good order closes the incident only of an item that had trouble before.
    private const int AfterQuarantine = 1;

    /// <summary>
    /// The same as <see cref="ReviveAsync"/>, and takes the item from whoever drives it just now: what that holder decided on an older reading of the
    /// subject is refused.
    /// </summary>
    public static Task TakeOverAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, WorkKey key, int priority = 4) =>
        ToldAsync(connection, transaction, """
            INSERT INTO work_items (kind, subject, priority, wake_at) VALUES (@Kind, @Subject, @priority, now())
            ON CONFLICT (kind, subject) DO UPDATE SET
                fence = work_items.fence + 1, lease_until = NULL, lease_owner = NULL, quarantined_at = NULL,
                attempt = CASE WHEN work_items.quarantined_at IS NULL THEN 0 ELSE @AfterQuarantine END,
                last_error = NULL, wake_at = now()
            """, new { key.Kind, key.Subject, priority, AfterQuarantine });

    private static async Task<int> ToldAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, string sql, object parameters)
    {
        var rows = await connection.ExecuteAsync(sql, parameters, transaction);
        await Announcements.TellAsync(connection, transaction, WorkQueue.News);
        return rows;
    }
}
