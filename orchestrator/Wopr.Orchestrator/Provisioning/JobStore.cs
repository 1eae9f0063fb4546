using Dapper;
using Npgsql;
using Wopr.Payments;
using Wopr.Platform;
using Wopr.Platform.Work;
using Wopr.Support;

namespace Wopr.Provisioning;

/// <summary>Reads jobs and commits what steps come to. All SQL that moves a job is here or in <see cref="JobJournal"/>.</summary>
public sealed class JobStore(NpgsqlDataSource database, WorkQueue queue)
{
    public const string WorkKind = "provision";

    public static WorkKey WorkOf(JobId id) => new(WorkKind, id.Value);

    public async Task<Job?> FindAsync(JobId id, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var row = await connection.QuerySingleOrDefaultAsync<StoredJob>(new CommandDefinition(StoredJob.Select + " WHERE j.id = @id", new { id = id.Value }, cancellationToken: cancellation));
        return row?.ToJob();
    }

    /// <summary>True when the job is to be cancelled or taken down, whatever it is doing.</summary>
    public async Task<bool> IsToGoDownAsync(JobId id, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await connection.ExecuteScalarAsync<bool>(new CommandDefinition($"SELECT EXISTS (SELECT FROM jobs WHERE id = @id AND {ToGoDown})", new { id = id.Value }, cancellationToken: cancellation));
    }

    // A completed job cannot be cancelled any more, only taken down.
    private const string ToGoDown = "(decommission_requested_at IS NOT NULL OR (cancel_requested_at IS NOT NULL AND state <> 'completed'))";

    /// <summary>
    /// State, event and deadline in one transaction; the lease is kept, so that the next step runs at once. Nothing moves
    /// but down when the job was cancelled after it was read: its driver looks again.
    /// </summary>
    public async Task MoveAsync(WorkLease lease, Job job, JobState next, TimeSpan? deadline, CancellationToken cancellation)
    {
        var values = new
        {
            id = job.Id.Value,
            lease.Key.Kind,
            lease.Fence,
            state = next.Word(),
            deadline,
            down = next is JobState.RollingBack or JobState.RolledBack or JobState.Cancelled,
            data = Json.Write(new { state = next.Word() }),
        };
        // Resumed: its incident is closed with it. Being taken down it stays open until the job is over.
        var held = job.State == JobState.Failed && next != JobState.RollingBack
            ? await database.InTransactionAsync(async (connection, transaction) =>
            {
                var moving = await connection.QuerySingleAsync<Moved>(MoveSql, values, transaction);
                if (moving.Done) await JobTroubles.CloseAsync(connection, transaction, job.Id, next);
                return moving.Held;
            }, cancellation)
            : (await database.InOneStatementAsync<Moved>(MoveSql, values, cancellation)).Held;
        if (!held) throw new LeaseLostException(lease.Key);
        Announcements.Of(database).Tell([JobEvents.NewsOf(job.Id)]);
    }

    // Guard, move, progress and event in one statement. What was changed meanwhile is looked at again under its lock, so a
    // cancellation or a new holder that came in between is seen.
    private const string MoveSql = $"""
        WITH held AS MATERIALIZED (SELECT 1 FROM work_items WHERE kind = @Kind AND subject = @id AND fence = @Fence FOR UPDATE),
        moved AS (
            UPDATE jobs SET state = @state, state_entered_at = now(), deadline_at = coalesce(now() + @deadline::interval, 'infinity'), updated_at = now(), event_seq = event_seq + 1
            WHERE id = @id AND (@down OR NOT {ToGoDown}) AND (SELECT count(*) FROM held) = 1 RETURNING event_seq),
        progressed AS (UPDATE work_items SET attempt = 1, deaths = 0 WHERE kind = @Kind AND subject = @id AND attempt > 1 AND EXISTS (SELECT FROM moved)),
        told AS (INSERT INTO events (job_id, seq, at, kind, data) SELECT @id, event_seq, clock_timestamp(), '{EventKind.State}', @data::jsonb FROM moved)
        SELECT EXISTS (SELECT FROM held) AS held, EXISTS (SELECT FROM moved) AS done
        """;

    private sealed record Moved(bool Held, bool Done);

    /// <summary>The job is over, well or badly: its tokens die, and the work item goes.</summary>
    public Task FinishAsync(WorkLease lease, Job job, CancellationToken cancellation) =>
        database.InTransactionAsync(async (connection, transaction) =>
        {
            await WorkQueue.GuardAsync(connection, transaction, lease);
            if (job.State == JobState.Completed && await connection.ExecuteScalarAsync<bool>($"SELECT {ToGoDown} FROM jobs WHERE id = @id", new { id = job.Id.Value }, transaction))
            {
                // It was decommissioned in the moment of its completion.
                await queue.ReleaseAsync(connection, transaction, lease, Wake.Now, job.Signals);
                return;
            }
            await connection.ExecuteAsync("""
                UPDATE jobs SET ended_at = coalesce(ended_at, now()), deadline_at = 'infinity', name_held = @held,
                       progress = CASE WHEN @held THEN 100 ELSE progress END, completed_at = CASE WHEN @held THEN coalesce(completed_at, now()) ELSE completed_at END,
                       updated_at = now()
                WHERE id = @id;
                UPDATE callback_tokens SET revoked_at = now() WHERE job_id = @id AND revoked_at IS NULL;
                DELETE FROM first_sign_ins WHERE job_id = @id AND NOT @held;
                DELETE FROM beacon_agents WHERE job_id = @id AND NOT @held
                """, new { id = job.Id.Value, held = job.State == JobState.Completed }, transaction);
            if (job.State != JobState.Completed) await Refunds.RequestForJobAsync(connection, transaction, job.Id);
            await JobEvents.AppendAsync(connection, transaction, job.Id, EventKind.Ended, new { state = job.State.Word() });
            await JobTroubles.CloseAsync(connection, transaction, job.Id, job.State);
            await queue.ReleaseAsync(connection, transaction, lease, Wake.Done, job.Signals);
        }, cancellation);

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

    public Task WaitAsync(WorkLease lease, Job job, Wake wake, CancellationToken cancellation) =>
        database.InTransactionAsync((connection, transaction) => queue.ReleaseAsync(connection, transaction, lease, wake, job.Signals), cancellation);

    /// <summary>Waits, and moves the state's deadline on by as long: the wait is not the job's own.</summary>
    public Task PostponeAsync(WorkLease lease, Job job, TimeSpan wait, CancellationToken cancellation) =>
        database.InTransactionAsync(async (connection, transaction) =>
        {
            await WorkQueue.GuardAsync(connection, transaction, lease);
            await connection.ExecuteAsync("UPDATE jobs SET deadline_at = greatest(deadline_at, now()) + @wait WHERE id = @id", new { id = job.Id.Value, wait }, transaction);
            await queue.ReleaseAsync(connection, transaction, lease, new Wake.After(wait), job.Signals);
        }, cancellation);

    /// <summary>How long until the state's deadline; a wait never goes beyond it.</summary>
    public async Task<TimeSpan?> UntilDeadlineAsync(JobId id, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var seconds = await connection.ExecuteScalarAsync<double?>(new CommandDefinition("""
            SELECT extract(epoch FROM deadline_at - now())::float8 FROM jobs WHERE id = @id AND deadline_at < 'infinity'
            """, new { id = id.Value }, cancellationToken: cancellation));
        return seconds is { } value ? TimeSpan.FromSeconds(Math.Max(0, value)) : null;
    }
}
