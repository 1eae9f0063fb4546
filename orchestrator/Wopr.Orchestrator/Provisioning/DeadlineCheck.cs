using Dapper;
using Npgsql;
using Wopr.Incidents;
using Wopr.Platform;
using Wopr.Platform.Work;
using Wopr.Provisioning.Ports;
using Wopr.Support;

namespace Wopr.Provisioning;

/// <summary>
/// Looks for waits that nobody ends: jobs behind their deadline, removals that do not come to an end, mail that nobody
/// takes, failed jobs that no incident tells of. Costs no provider call.
/// </summary>
public sealed class DeadlineCheck(NpgsqlDataSource database, WorkQueue queue, IncidentStore incidents, Deadlines deadlines) : RecurringWork(database, queue)
{
    private readonly NpgsqlDataSource database = database;

    public override string Kind => "check_deadlines";

    protected override TimeSpan Period => TimeSpan.FromSeconds(Math.Clamp(deadlines.Overdue.TotalSeconds / 4, 1, 30));

    protected override async Task<TimeSpan> RunAsync(WorkLease lease, CancellationToken cancellation)
    {
        await LookAsync(cancellation);
        return Period;
    }

    /// <summary>One look at everything; incidents whose cause is gone are closed.</summary>
    public async Task LookAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await SettleAsync(connection, "overdue:", OverdueSql, new { late = deadlines.Overdue }, ErrorCodes.StateDeadlineMissed,
            j => $"{j.Fqdn} is {j.Seconds} s behind the deadline of {j.State}: nobody drives it", "the job moves again", cancellation);
        await SettleAsync(connection, "rollback:", RollingBackSql, new { late = deadlines.RollingBack }, ErrorCodes.LeftBehind,
            j => $"{j.Fqdn} has been rolling back for {j.Seconds} s and something is still there", "nothing is left", cancellation);
        await MailAsync(connection, cancellation);
        await JobsAsync(cancellation);
    }

    private const string OverdueSql = """
        SELECT id, fqdn, state, extract(epoch FROM now() - deadline_at)::int AS seconds, error_code, error_detail FROM jobs
        WHERE ended_at IS NULL AND deadline_at < now() - @late ORDER BY id
        """;

    private const string RollingBackSql = """
        SELECT id, fqdn, state, extract(epoch FROM now() - state_entered_at)::int AS seconds, error_code, error_detail FROM jobs
        WHERE ended_at IS NULL AND state = 'rolling_back' AND state_entered_at < now() - @late ORDER BY id
        """;

    private async Task SettleAsync(
        NpgsqlConnection connection, string prefix, string sql, object parameters, ErrorCode code, Func<LateJob, string> summary, string why, CancellationToken cancellation)
    {
        var late = await connection.QueryAsync<LateJob>(new CommandDefinition(sql, parameters, cancellationToken: cancellation));
        await incidents.SettleAsync(prefix, [.. late.Select(j => new Trouble(new($"{prefix}{j.Id}"), code, Severity.Critical, new JobId(j.Id), summary(j)))], why, cancellation);
    }

    private async Task MailAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        var (waiting, error) = await connection.QuerySingleAsync<(int, string?)>(new CommandDefinition("""
            SELECT count(*)::int, (array_agg(last_error ORDER BY created_at DESC))[1] FROM outbox WHERE sent_at IS NULL AND created_at < now() - @late
            """, new { late = deadlines.Mail }, cancellationToken: cancellation));
        Trouble[] standing = waiting == 0
            ? []
            : [new(new("mail"), ErrorCodes.MailNotDelivered, Severity.Critical, Job: null, $"{waiting} mails cannot be delivered: {error ?? "not tried yet"}")];
        await incidents.SettleAsync("mail", standing, "every mail was taken", cancellation);
    }

    /// <summary>
    /// Failed jobs whose provider is well again get an incident of their own, since somebody must resume them. Those
    /// that were moved on by other means lose theirs.
    /// </summary>
    private Task JobsAsync(CancellationToken cancellation) =>
        database.InTransactionAsync(async (connection, transaction) =>
        {
            await connection.ExecuteAsync("""
                UPDATE incidents i SET closed_at = now(), closed_why = 'the job is ' || j.state FROM jobs j
                WHERE i.closed_at IS NULL AND i.cause LIKE 'job:%' AND j.id = i.job_id AND j.state NOT IN ('failed', 'rolling_back')
                """, transaction: transaction);
            var open = (await connection.QueryAsync<string>("SELECT cause FROM incidents WHERE closed_at IS NULL AND (cause LIKE 'job:%' OR cause LIKE 'provider:%')", transaction: transaction))
                .ToHashSet(StringComparer.Ordinal);
            var failed = await connection.QueryAsync<LateJob>("""
                SELECT id, fqdn, coalesce(failed_state, state) AS state, 0 AS seconds, error_code, error_detail, coalesce(project, 'main') AS project FROM jobs WHERE ended_at IS NULL AND state = 'failed' ORDER BY id
                """, transaction: transaction);
            foreach (var job in failed)
            {
                var id = new JobId(job.Id);
                if (!ErrorCode.TryParse(job.ErrorCode, out var code) || open.Contains(IncidentCause.Job(id).Text)) continue;
                if (JobTroubles.ProviderOf(code, ProjectName.Parse(job.Project)) is { } provider && open.Contains(IncidentCause.Provider(provider).Text)) continue;
                await IncidentStore.RaiseAsync(connection, transaction, new Trouble(
                    IncidentCause.Job(id), code, Severity.Critical, id, $"{job.Fqdn} failed in {job.State}: {job.ErrorDetail}"));
            }
        }, cancellation);

    private sealed class LateJob
    {
        public Guid Id { get; init; }
        public string Fqdn { get; init; } = "";
        public string State { get; init; } = "";
        public int Seconds { get; init; }
        public string? ErrorCode { get; init; }
        public string? ErrorDetail { get; init; }
        public string Project { get; init; } = "main";
    }
}
