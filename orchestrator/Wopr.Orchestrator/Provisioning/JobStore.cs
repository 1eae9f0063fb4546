using Dapper;
using Npgsql;
using Wopr.Payments;
using Wopr.Platform;
using Wopr.Platform.Crossings;
using Wopr.Platform.Work;
using Wopr.Support;

namespace Wopr.Provisioning;

/// <summary>Reads jobs and commits what steps come to. All SQL that moves a job is here, in <see cref="JobMoves"/> or in <see cref="JobJournal"/>.</summary>
public sealed class JobStore(NpgsqlDataSource database, WorkQueue queue)
{
    private readonly JobMoves moves = new(database);

    public const string WorkKind = "provision";

    public static WorkKey WorkOf(JobId id) => new(WorkKind, id.Value);

    public async Task<Job?> FindAsync(JobId id, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var row = await connection.QuerySingleOrDefaultAsync<StoredJob>(new CommandDefinition(StoredJob.Select + " WHERE j.id = @id", new { id = id.Value }, cancellationToken: cancellation));
        return row?.ToJob();
    }

    /// <summary>Which of these are to be cancelled or taken down, whatever they are doing.</summary>
    public async Task<IReadOnlySet<JobId>> WhichGoDownAsync(IEnumerable<JobId> among, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var ids = await connection.QueryAsync<Guid>(new CommandDefinition(
            $"SELECT id FROM jobs WHERE id = ANY (@ids) AND {ToGoDown}", new { ids = among.Select(j => j.Value).ToArray() }, cancellationToken: cancellation));
        return ids.Select(i => new JobId(i)).ToHashSet();
    }

    // A completed job cannot be cancelled any more, only taken down.
    internal const string ToGoDown = "(decommission_requested_at IS NOT NULL OR (cancel_requested_at IS NOT NULL AND state <> 'completed'))";

    /// <summary>
    /// State, event and deadline in one commit; the lease is kept, so that the next step runs at once. Nothing moves but
    /// down when the job was cancelled after it was read. Returns the job as it stands then.
    /// </summary>
    /// <exception cref="LeaseLostException" />
    public async Task<Job> MoveAsync(WorkLease lease, Job job, JobState next, TimeSpan? deadline, CancellationToken cancellation)
    {
        CrossingPoints.Before(CrossingPoints.Commit, nameof(MoveAsync));
        var moved = await moves.WriteAsync(new JobMove(lease, next, deadline), cancellation);
        CrossingPoints.After(CrossingPoints.Commit, nameof(MoveAsync));
        return moved ?? await FindAsync(job.Id, cancellation) ?? throw new InvalidOperationException($"work item without a job: {job.Id}");
    }

    /// <summary>The job is over, well or badly: its tokens die, and the work item goes.</summary>
    public Task FinishAsync(WorkLease lease, Job job, CancellationToken cancellation) =>
        database.InTransactionAsync(async (connection, transaction) =>
        {
            var end = await connection.QuerySingleAsync<End>(EndSql, new { id = job.Id.Value, lease.Key.Kind, lease.Fence, well = job.State == JobState.Completed }, transaction);
            if (!end.Held) throw new LeaseLostException(lease.Key);
            if (!end.Done)
            {
                // It was decommissioned in the moment of its completion.
                await queue.ReleaseAsync(connection, transaction, lease, Wake.Now, job.Signals);
                return;
            }
            if (job.State != JobState.Completed) await Refunds.RequestForJobAsync(connection, transaction, job.Id);
            await JobEvents.AppendAsync(connection, transaction, job.Id, EventKind.Ended, new { state = job.State.Word() });
            await JobTroubles.CloseAsync(connection, transaction, job.Id, job.State);
            await queue.ReleaseAsync(connection, transaction, lease, Wake.Done, job.Signals);
        }, cancellation);

    private const string EndSql = $"""
        WITH held AS MATERIALIZED (SELECT 1 FROM work_items WHERE kind = @Kind AND subject = @id AND fence = @Fence FOR UPDATE),
        done AS (
            UPDATE jobs SET ended_at = coalesce(ended_at, now()), deadline_at = 'infinity', name_held = @well,
                progress = CASE WHEN @well THEN 100 ELSE progress END, completed_at = CASE WHEN @well THEN coalesce(completed_at, now()) ELSE completed_at END,
                updated_at = now()
            WHERE id = @id AND (SELECT count(*) FROM held) = 1 AND NOT (@well AND {ToGoDown}) RETURNING id),
        tokens AS (UPDATE callback_tokens SET revoked_at = now() FROM done WHERE job_id = done.id AND revoked_at IS NULL),
        sign_ins AS (DELETE FROM first_sign_ins USING done WHERE job_id = done.id AND NOT @well),
        agents AS (DELETE FROM beacon_agents USING done WHERE job_id = done.id AND NOT @well)
        SELECT EXISTS (SELECT FROM held) AS held, EXISTS (SELECT FROM done) AS done
        """;

    private sealed record End(bool Held, bool Done);

    /// <summary>The job fails with a code and keeps its resources, and its token, until its retention ends. One that was cancelled meanwhile does not fail.</summary>
    public Task FailAsync(WorkLease lease, Job job, ErrorCode code, string detail, object? evidence, TimeSpan retention, CancellationToken cancellation) =>
        database.InTransactionAsync(async (connection, transaction) =>
        {
            await WorkQueue.GuardAsync(connection, transaction, lease);
            // The last log lines that the beacon sent are kept; they are for operators, and in no log of ours.
            var failed = await connection.ExecuteAsync($"""
                UPDATE jobs SET state = 'failed', state_entered_at = now(), deadline_at = now() + @retention, failed_state = @failed, error_code = @code,
                       error_detail = CASE WHEN state = 'deploying_wopr' AND stage = 'error' THEN concat_ws(E':\n', @detail, error_detail) ELSE @detail END, updated_at = now()
                WHERE id = @id AND NOT {ToGoDown}
                """, new { id = job.Id.Value, retention, failed = job.State.Word(), code = code.Value, detail }, transaction);
            if (failed == 1)
            {
                await JobEvents.AppendAsync(connection, transaction, job.Id, EventKind.Error, new { state = "failed", code = code.Value, during = job.State.Word() });
                await JobTroubles.RaiseAsync(connection, transaction, job, code, detail, evidence);
            }
            await queue.ReleaseAsync(connection, transaction, lease, Wake.Now, job.Signals);
        }, cancellation);

    /// <summary>Nothing is left to do until somebody signals.</summary>
    public Task RestAsync(WorkLease lease, Job job, CancellationToken cancellation) =>
        queue.ReleaseAsync(lease, Wake.Signalled, job.Signals, cancellation);

    /// <summary>No wait goes beyond the state's deadline: the step gets its last chance to say what is wrong.</summary>
    public Task WaitAsync(WorkLease lease, Job job, Wake wake, CancellationToken cancellation) =>
        queue.ReleaseAsync(lease, wake, job.Signals, cancellation, latest: "(SELECT deadline_at FROM jobs WHERE id = @workSubject)");

    /// <summary>Waits, and moves the state's deadline on by as long: the wait is not the job's own.</summary>
    public Task PostponeAsync(WorkLease lease, Job job, TimeSpan wait, CancellationToken cancellation) =>
        database.InTransactionAsync(async (connection, transaction) =>
        {
            await WorkQueue.GuardAsync(connection, transaction, lease);
            await connection.ExecuteAsync("UPDATE jobs SET deadline_at = greatest(deadline_at, now()) + @wait WHERE id = @id", new { id = job.Id.Value, wait }, transaction);
            await queue.ReleaseAsync(connection, transaction, lease, new Wake.After(wait), job.Signals);
        }, cancellation);
}
