using Dapper;
using Npgsql;
using Wopr.Audit;
using Wopr.Incidents;
using Wopr.Provisioning;

namespace Wopr.Operators;

/// <summary>Puts a job's dossier together.</summary>
public sealed class JobDossiers(NpgsqlDataSource database, JobEvents events, IncidentStore incidents, AuditLog audit)
{
    private const int MostEvents = 1000;
    private const int MostOthers = 100;

    /// <param name="withEmail">Whether the customer's e-mail address is needed.</param>
    public async Task<JobDossier?> FindAsync(JobId id, bool withEmail, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var rows = await connection.QueryMultipleAsync(new CommandDefinition("""
            SELECT id, state, state_entered_at, nullif(deadline_at, 'infinity') AS deadline_at, beacon_name, fqdn, name_held, stage, module, progress,
                   last_callback_at, error_code, error_detail, failed_state, substitution, server_attempts, project, installer_sha256, cancel_requested_at,
                   decommission_requested_at, rebuild_requested_at, resumed_at, created_at, updated_at, ended_at
            FROM jobs WHERE id = @id;
            SELECT o.id, source, bundle, tier, location, price_cents, currency, CASE WHEN @withEmail THEN email END AS email, paid_at, o.created_at
            FROM orders o JOIN jobs j ON j.order_id = o.id WHERE j.id = @id;
            SELECT nullif(wake_at, 'infinity') AS wake_at, lease_until, lease_owner, attempt, fence, last_error, quarantined_at
            FROM work_items WHERE kind = @kind AND subject = @id;
            SELECT kind, name, provider_id, data->>'server_type' AS server_type, data->>'location' AS location,
                   coalesce(data->>'ipv4', data->>'content') AS ipv4, created_at, gone_at
            FROM resources WHERE job_id = @id ORDER BY id DESC LIMIT @MostOthers;
            SELECT id, command, status, error, updated_at FROM provider_actions WHERE job_id = @id ORDER BY id DESC LIMIT @MostOthers;
            SELECT fingerprint, issued_at, expires_at, revoked_at, revoked_at IS NULL AND expires_at > now() AS live
            FROM callback_tokens WHERE job_id = @id ORDER BY issued_at DESC LIMIT @MostOthers;
            SELECT kind, created_at, sent_at, attempts, last_error FROM outbox WHERE job_id = @id ORDER BY created_at DESC LIMIT @MostOthers;
            SELECT at, kind, what, outcome, sent, took_ms, node FROM job_trace WHERE job_id = @id ORDER BY id DESC LIMIT @MostEvents
            """, new { id = id.Value, withEmail, kind = JobStore.WorkKind, MostOthers, MostEvents }, cancellationToken: cancellation));
        if (await rows.ReadSingleOrDefaultAsync<JobFacts?>() is not { } job) return null;
        var order = await rows.ReadSingleAsync<OrderFacts>();
        var work = await rows.ReadSingleOrDefaultAsync<WorkFacts?>();
        var resources = (await rows.ReadAsync<ResourceFacts>()).AsList();
        var actions = (await rows.ReadAsync<ActionFacts>()).AsList();
        var tokens = (await rows.ReadAsync<TokenFacts>()).AsList();
        var mails = (await rows.ReadAsync<MailFacts>()).AsList();
        var trace = (await rows.ReadAsync<TraceFacts>()).AsList();
        return new JobDossier(
            job, order, [.. Possible(job, tokens, mails).Select(v => v.Word())], work, resources, actions, tokens, mails,
            [.. (await events.ListAsync(id, 0, MostEvents, cancellation)).Select(JobStatusReader.Entry)],
            await incidents.ListAsync(new IncidentFilter(Open: null, Job: id, Limit: MostOthers), cancellation),
            await audit.ListAsync(id, null, MostOthers, cancellation),
            trace);
    }

    /// <summary>The verbs that would not be refused now, in the order in which the console offers them.</summary>
    private static IEnumerable<Verb> Possible(JobFacts job, List<TokenFacts> tokens, List<MailFacts> mails)
    {
        var state = JobStates.Parse(job.State);
        var goingDown = job.CancelRequestedAt is not null || job.DecommissionRequestedAt is not null || state.IsGoingDown();
        if (state == JobState.Failed && !goingDown) yield return Verb.Resume;
        if (JobVerbs.IsOnItsWay(state) && !goingDown) yield return Verb.RetryStep;
        if (state is JobState.Completed or JobState.Failed && !goingDown) yield return Verb.Decommission;
        if (state != JobState.Completed && !goingDown) yield return Verb.Cancel;
        if (!state.RefusesCallbacks() && tokens.Exists(t => t.Live)) yield return Verb.RotateToken;
        if (mails.Count > 0) yield return Verb.ResendMail;
    }
}
