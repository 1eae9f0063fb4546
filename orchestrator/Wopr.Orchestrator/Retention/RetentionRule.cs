namespace Wopr.Retention;

/// <summary>How long one kind of row is kept, and how the oldest of those beyond it are taken away.</summary>
/// <param name="Name">Of the archive's files: <c>events</c>.</param>
/// <param name="Keep">README.md documents each.</param>
/// <param name="Sql">
/// Takes at most <c>@batch</c> rows (of events: jobs) older than <c>@keep</c> and returns each as one line of JSON; no
/// lines when nothing is left to do.
/// </param>
/// <param name="Archived">False for what is of no use to anybody once it is old.</param>
public sealed record RetentionRule(string Name, TimeSpan Keep, string Sql, bool Archived = true)
{
    /// <summary>Every rule. Nothing of a job that is not over is touched, and no rule takes what another still refers to.</summary>
    public static readonly IReadOnlyList<RetentionRule> All =
    [
        new("events", TimeSpan.FromDays(400), """
            WITH done AS MATERIALIZED (
                SELECT id FROM jobs WHERE ended_at < now() - @keep AND ended_at IS NOT NULL AND events_archived_at IS NULL ORDER BY ended_at LIMIT @batch),
            marked AS (UPDATE jobs SET events_archived_at = now() WHERE id IN (SELECT id FROM done)),
            old AS (DELETE FROM events WHERE job_id IN (SELECT id FROM done) RETURNING job_id, seq, at, kind, data)
            SELECT row_to_json(old)::text FROM old ORDER BY job_id, seq
            """),
        new("audit", TimeSpan.FromDays(3 * 365), """
            WITH old AS (DELETE FROM audit_log WHERE ctid = ANY (ARRAY (SELECT ctid FROM audit_log WHERE at < now() - @keep ORDER BY at LIMIT @batch FOR UPDATE)) RETURNING *)
            SELECT row_to_json(old)::text FROM old ORDER BY id
            """),
        // Without recipient and text: an archive needs nobody's address.
        new("mails", TimeSpan.FromDays(90), """
            WITH old AS (
                DELETE FROM outbox WHERE ctid = ANY (ARRAY (SELECT ctid FROM outbox WHERE sent_at < now() - @keep AND sent_at IS NOT NULL ORDER BY sent_at LIMIT @batch FOR UPDATE))
                RETURNING id, job_id, kind, created_at, sent_at, attempts)
            SELECT row_to_json(old)::text FROM old ORDER BY created_at, id
            """),
        // The event's id stays for ever: a repeat must be known however late it comes.
        new("payments", TimeSpan.FromDays(400), """
            WITH due AS MATERIALIZED (
                SELECT id, type, order_id, outcome, payload, received_at FROM payment_events
                WHERE received_at < now() - @keep AND payload <> '{}'::jsonb ORDER BY received_at LIMIT @batch FOR UPDATE),
            emptied AS (UPDATE payment_events SET payload = '{}' WHERE id IN (SELECT id FROM due))
            SELECT row_to_json(due)::text FROM due ORDER BY received_at, id
            """),
        new("incidents", TimeSpan.FromDays(400), """
            WITH old AS (
                DELETE FROM incidents WHERE ctid = ANY (ARRAY (SELECT ctid FROM incidents WHERE closed_at < now() - @keep AND closed_at IS NOT NULL ORDER BY closed_at LIMIT @batch FOR UPDATE))
                RETURNING *)
            SELECT row_to_json(old)::text FROM old ORDER BY id
            """),
        // A job that is not over still decides by the actions of its server.
        new("provider_actions", TimeSpan.FromDays(90), """
            WITH old AS (
                DELETE FROM provider_actions WHERE id = ANY (ARRAY (
                    SELECT a.id FROM provider_actions a JOIN jobs j ON j.id = a.job_id
                    WHERE a.updated_at < now() - @keep AND a.status <> 'running' AND j.ended_at IS NOT NULL ORDER BY a.updated_at LIMIT @batch FOR UPDATE OF a))
                RETURNING *)
            SELECT row_to_json(old)::text FROM old ORDER BY id
            """),
        // A proposal that nobody decided on stays until somebody does.
        new("remedies", TimeSpan.FromDays(400), """
            WITH old AS (
                DELETE FROM remedy_runs WHERE id = ANY (ARRAY (SELECT id FROM remedy_runs WHERE ended_at < now() - @keep AND ended_at IS NOT NULL ORDER BY ended_at LIMIT @batch FOR UPDATE))
                RETURNING *)
            SELECT row_to_json(old)::text FROM old ORDER BY at, id
            """),
        new("tickets", TimeSpan.FromDays(400), """
            WITH old AS (
                DELETE FROM tickets WHERE id = ANY (ARRAY (SELECT id FROM tickets WHERE closed_at < now() - @keep AND closed_at IS NOT NULL ORDER BY closed_at LIMIT @batch FOR UPDATE))
                RETURNING *)
            SELECT row_to_json(old)::text FROM old ORDER BY id
            """),
        // What was tried for jobs; what came of it stays in their events.
        new("trace", TimeSpan.FromDays(30), """
            DELETE FROM job_trace WHERE ctid = ANY (ARRAY (SELECT ctid FROM job_trace WHERE at < now() - @keep ORDER BY at LIMIT @batch FOR UPDATE)) RETURNING '{}'
            """, Archived: false),
        new("tokens", TimeSpan.FromDays(30), """
            DELETE FROM callback_tokens WHERE ctid = ANY (ARRAY (SELECT ctid FROM callback_tokens WHERE expires_at < now() - @keep ORDER BY expires_at LIMIT @batch FOR UPDATE))
            RETURNING '{}'
            """, Archived: false),
        new("idempotency_keys", TimeSpan.FromDays(30), """
            DELETE FROM idempotency_keys WHERE ctid = ANY (ARRAY (SELECT ctid FROM idempotency_keys WHERE created_at < now() - @keep ORDER BY created_at LIMIT @batch FOR UPDATE))
            RETURNING '{}'
            """, Archived: false),
    ];
}
