using Dapper;
using Npgsql;
using Wopr.Audit;
using Wopr.Platform;
using Wopr.Provisioning;

namespace Wopr.Support.Remedies;

/// <summary>One wish for a remedy and what came of it.</summary>
public sealed class RemedyRun
{
    public Guid Id { get; init; }
    public DateTimeOffset At { get; init; }
    public string Remedy { get; init; } = "";
    public Guid? JobId { get; init; }
    public string? Code { get; init; }
    public string Status { get; init; } = "";
    public bool Automatic { get; init; }
    public string AskedKind { get; init; } = "";
    public string AskedBy { get; init; } = "";
    public string Reason { get; init; } = "";
    public string? DecidedBy { get; init; }
    public DateTimeOffset? DecidedAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
    public string? Detail { get; init; }
}

/// <summary>What became of a wish to begin.</summary>
public abstract record BeginOutcome
{
    public sealed record Begun(RemedyRun Run) : BeginOutcome;

    /// <summary>The same wish is open already: proposed, or running.</summary>
    public sealed record Open(RemedyRun Run) : BeginOutcome;

    public sealed record LimitReached(string Detail) : BeginOutcome;
}

/// <summary>Every wish for a remedy, with the limits on those that no human is asked about. All SQL about them is here.</summary>
public sealed class RemedyRuns(NpgsqlDataSource database, IIdSource ids)
{
    /// <summary>Automatic runs of one job in an hour.</summary>
    public const int MostPerJob = 3;

    /// <summary>Automatic runs of all jobs in an hour.</summary>
    public const int MostPerHour = 20;

    // Longer than any remedy takes: its node has died.
    private static readonly TimeSpan LongestRun = TimeSpan.FromMinutes(10);

    private const string Columns = "id, at, remedy, job_id, code, status, automatic, asked_kind, asked_by, reason, decided_by, decided_at, ended_at, detail";

    /// <param name="status"><see cref="RunStatus.Proposed"/> or <see cref="RunStatus.Running"/>.</param>
    public Task<BeginOutcome> BeginAsync(string remedy, JobId? job, ErrorCode? code, string status, bool automatic, Actor who, string reason, CancellationToken cancellation) =>
        database.InTransactionAsync<BeginOutcome>(async (connection, transaction) =>
        {
            // One wish at a time is counted, over all nodes.
            await connection.ExecuteAsync("LOCK TABLE remedy_runs IN SHARE ROW EXCLUSIVE MODE", transaction: transaction);
            await connection.ExecuteAsync("UPDATE remedy_runs SET status = 'lost', ended_at = now(), detail = 'its node ended while it ran' WHERE status = 'running' AND coalesce(decided_at, at) < now() - @LongestRun", new { LongestRun }, transaction);
            var open = await connection.QuerySingleOrDefaultAsync<RemedyRun?>($"SELECT {Columns} FROM remedy_runs WHERE remedy = @remedy AND job_id IS NOT DISTINCT FROM @job AND status IN ('proposed', 'running')", new { remedy, job = job?.Value }, transaction);
            if (open is not null) return new BeginOutcome.Open(open);
            if (automatic)
            {
                var (ofJob, all) = await connection.QuerySingleAsync<(int, int)>("SELECT count(*) FILTER (WHERE job_id IS NOT DISTINCT FROM @job)::int, count(*)::int FROM remedy_runs WHERE automatic AND at > now() - interval '1 hour'", new { job = job?.Value }, transaction);
                if (ofJob >= MostPerJob) return new BeginOutcome.LimitReached($"Within an hour {MostPerJob} remedies may run for a job without a human.");
                if (all >= MostPerHour) return new BeginOutcome.LimitReached($"Within an hour {MostPerHour} remedies may run without a human.");
            }
            var run = await connection.QuerySingleAsync<RemedyRun>($"""
                INSERT INTO remedy_runs (id, remedy, job_id, code, status, automatic, asked_kind, asked_by, reason)
                VALUES (@id, @remedy, @job, @code, @status, @automatic, @Kind, @Name, @reason) RETURNING {Columns}
                """, new { id = ids.NewId(), remedy, job = job?.Value, code = code?.Value, status, automatic, who.Kind, who.Name, reason }, transaction);
            await AuditLog.AppendAsync(connection, transaction, new AuditEntry(who, status == RunStatus.Proposed ? "propose-remedy" : "run-remedy", job, reason, status == RunStatus.Proposed ? AuditOutcome.Done : AuditOutcome.Begun, code, $"{remedy}: {status}"));
            return new BeginOutcome.Begun(run);
        }, cancellation);

    /// <summary>A human's decision about a proposal; null when it is not, or no longer, a proposal.</summary>
    public Task<RemedyRun?> DecideAsync(Guid id, bool approve, Actor who, string reason, CancellationToken cancellation) => database.InTransactionAsync(async (connection, transaction) =>
    {
        var run = await connection.QuerySingleOrDefaultAsync<RemedyRun?>($"""
            UPDATE remedy_runs SET status = @status, decided_by = @Name, decided_at = now(), ended_at = CASE WHEN @approve THEN NULL ELSE now() END
            WHERE id = @id AND status = 'proposed' RETURNING {Columns}
            """, new { id, approve, status = approve ? RunStatus.Running : RunStatus.Rejected, who.Name }, transaction);
        if (run is not null)
            await AuditLog.AppendAsync(connection, transaction, new AuditEntry(who, approve ? "approve-remedy" : "reject-remedy", run.JobId is { } job ? new JobId(job) : null, reason, AuditOutcome.Done, Detail: run.Remedy));
        return run;
    }, cancellation);

    public Task<RemedyRun> EndAsync(RemedyRun run, RemedyResult result, Actor who, CancellationToken cancellation) => database.InTransactionAsync(async (connection, transaction) =>
    {
        var ended = await connection.QuerySingleAsync<RemedyRun>($"UPDATE remedy_runs SET status = @Status, detail = @Detail, ended_at = now() WHERE id = @Id RETURNING {Columns}", new { run.Id, result.Status, result.Detail }, transaction);
        var outcome = result.Status switch { RunStatus.Done => AuditOutcome.Done, RunStatus.Already => AuditOutcome.Already, _ => AuditOutcome.Refused };
        await AuditLog.AppendAsync(connection, transaction, new AuditEntry(who, "remedy-ended", run.JobId is { } job ? new JobId(job) : null, run.Reason, outcome, Detail: $"{run.Remedy}: {result.Status}: {result.Detail}"));
        return ended;
    }, cancellation);

    public async Task<IReadOnlyList<RemedyRun>> ListAsync(JobId? job, bool openOnly, int limit, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<RemedyRun>(new CommandDefinition(
            $"SELECT {Columns} FROM remedy_runs WHERE (@job::uuid IS NULL OR job_id = @job) AND (NOT @openOnly OR status IN ('proposed', 'running')) ORDER BY at DESC LIMIT @limit",
            new { job = job?.Value, openOnly, limit = Math.Clamp(limit, 1, 200) }, cancellationToken: cancellation));
        return [.. rows];
    }
}
