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
        connection.ExecuteAsync("""
            INSERT INTO work_items (kind, subject, priority, wake_at) VALUES (@Kind, @Subject, @priority, now())
            ON CONFLICT (kind, subject) DO UPDATE SET
                signals = work_items.signals + 1,
                attempt = CASE WHEN work_items.quarantined_at IS NULL THEN work_items.attempt ELSE 0 END,
                quarantined_at = NULL,
                wake_at = CASE WHEN work_items.lease_until IS NULL THEN least(work_items.wake_at, now()) ELSE work_items.wake_at END;
            SELECT pg_notify('wopr_work', '')
            """, new { key.Kind, key.Subject, priority }, transaction);

    /// <summary>
    /// The same, and takes the item from whoever drives it just now: what that holder decided on an older reading of the
    /// subject is refused.
    /// </summary>
    public static Task TakeOverAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, WorkKey key, int priority = 4) =>
        connection.ExecuteAsync("""
            INSERT INTO work_items (kind, subject, priority, wake_at) VALUES (@Kind, @Subject, @priority, now())
            ON CONFLICT (kind, subject) DO UPDATE SET
                fence = work_items.fence + 1, lease_until = NULL, lease_owner = NULL, attempt = 0, quarantined_at = NULL,
                last_error = NULL, wake_at = now();
            SELECT pg_notify('wopr_work', '')
            """, new { key.Kind, key.Subject, priority }, transaction);
}
