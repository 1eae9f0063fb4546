using Dapper;
using Npgsql;
using Wopr.Platform;
using Wopr.Platform.Work;

namespace Wopr.Provisioning;

/// <summary>
/// Moves jobs: guard, state, deadline, progress, event and the job as it stands then are one statement, and the jobs that
/// this node moves at the same moment go into one commit.
/// </summary>
public sealed class JobMoves
{
    private const int Most = 64;

    private readonly NpgsqlDataSource database;
    private readonly GroupCommit<JobMove, MovedJob> group;

    public JobMoves(NpgsqlDataSource database)
    {
        this.database = database;
        group = new(Most, move => move.Lease.Key.Subject, WriteTogetherAsync);
    }

    /// <summary>The job as it stands after its move; null where it was not moved, because it is to go down.</summary>
    /// <exception cref="LeaseLostException" />
    public async Task<Job?> WriteAsync(JobMove move, CancellationToken cancellation)
    {
        if (await group.WriteAsync(move) is { } moved) return moved.ToJob();
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var held = await connection.QuerySingleOrDefaultAsync<MovedJob?>(new CommandDefinition(Sql(""), Values([move]), cancellationToken: cancellation));
        if (held is null) throw new LeaseLostException(move.Lease.Key);
        if (!IsMoved(held)) return null;
        Announcements.Of(database).Tell([held.News]);
        return held.ToJob();
    }

    private async Task<IReadOnlyDictionary<Guid, MovedJob>> WriteTogetherAsync(IReadOnlyList<JobMove> moves)
    {
        await using var connection = await database.OpenConnectionAsync();
        // Whom another transaction holds just now goes by itself, so that nobody waits for another's job.
        var moved = (await connection.QueryAsync<MovedJob>(Sql("SKIP LOCKED"), Values(moves))).Where(IsMoved).ToDictionary(job => job.Id);
        Announcements.Of(database).Tell([.. moved.Values.Select(job => job.News)]);
        return moved;
    }

    private static bool IsMoved(MovedJob row) => row.Id != Guid.Empty;

    private static object Values(IReadOnlyList<JobMove> moves) => new
    {
        jobs = moves.Select(m => m.Lease.Key.Subject).ToArray(),
        fences = moves.Select(m => m.Lease.Fence).ToArray(),
        nexts = moves.Select(m => m.Next.Word()).ToArray(),
        deadlines = moves.Select(m => m.Deadline).ToArray(),
        downs = moves.Select(m => m.Next.IsGoingDown()).ToArray(),
        gones = moves.Select(m => m.Next.IsGone()).ToArray(),
    };

    // The work item is locked before the job, as everywhere. What was changed meanwhile is looked at again under its lock, so
    // a cancellation or a new holder that came in between is seen. One row for each lease that holds, empty where nothing moved.
    // Who reads that nothing is left may order under the name at once, before the job is finished: a commit of its own.
    // Each item is looked up by itself: asked for all at once, a planner that knows nothing of a young table reads it whole.
    private static string Sql(string locked) => $"""
        WITH input AS (SELECT * FROM unnest(@jobs, @fences, @nexts, @deadlines, @downs, @gones) AS i (job, fence, next, deadline, down, gone)),
        held AS MATERIALIZED (
            SELECT w.* FROM (SELECT * FROM input ORDER BY job) i CROSS JOIN LATERAL (
                SELECT w.kind, w.subject, w.signals, w.attempt, w.deaths FROM work_items w
                WHERE w.kind = '{JobStore.WorkKind}' AND w.subject = i.job AND w.fence = i.fence FOR UPDATE {locked}) w),
        moved AS (
            UPDATE jobs j SET state = i.next, state_entered_at = now(), deadline_at = coalesce(now() + i.deadline, 'infinity'),
                updated_at = now(), event_seq = j.event_seq + 1, name_held = j.name_held AND NOT i.gone
            FROM input i WHERE j.id = i.job AND j.id IN (SELECT subject FROM held) AND (i.down OR NOT {JobStore.ToGoDown})
            RETURNING j.*),
        progressed AS (
            UPDATE work_items w SET attempt = 1, deaths = 0 FROM held JOIN moved ON moved.id = held.subject
            WHERE w.kind = held.kind AND w.subject = held.subject AND (held.attempt > 1 OR held.deaths > 0)),
        told AS (
            INSERT INTO events (job_id, seq, at, kind, data)
            SELECT id, event_seq, clock_timestamp(), '{EventKind.State}', jsonb_build_object('state', state) FROM moved RETURNING job_id, seq, at)
        SELECT {StoredJob.Columns}, told.seq AS told_seq, told.at AS told_at
        FROM held w LEFT JOIN (moved j JOIN orders o ON o.id = j.order_id JOIN told ON told.job_id = j.id) ON j.id = w.subject
        """;

    private sealed class MovedJob : StoredJob
    {
        public int ToldSeq { get; init; }
        public DateTimeOffset ToldAt { get; init; }

        public Announcement News => JobEvents.NewsOf(new JobId(Id), new JobEvents.Place { Seq = ToldSeq, At = ToldAt }.Of(EventKind.State, Json.Element(new { state = State })));
    }
}

/// <summary>A job on its way to its next state.</summary>
/// <param name="Deadline">How long it may stay there; null: for ever.</param>
public sealed record JobMove(WorkLease Lease, JobState Next, TimeSpan? Deadline);
