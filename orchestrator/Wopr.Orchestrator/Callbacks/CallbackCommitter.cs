using Dapper;
using Npgsql;
using Wopr.Platform;
using Wopr.Platform.Crossings;
using Wopr.Provisioning;

namespace Wopr.Callbacks;

/// <summary>
/// Commits the reports of many beacons in one statement. Only what is plain is taken here: a live token, a later number, no
/// error, not too many, and nothing that the step which follows the beacon would have to be woken for. Whatever is not taken
/// is for <see cref="CallbackStore"/> to look at by itself.
/// </summary>
public sealed class CallbackCommitter : IDisposable
{
    private const int Most = 256;

    private static readonly string Following = JobState.DeployingWopr.Word();
    private static readonly string[] Order = [.. Enum.GetValues<BeaconStage>().Where(s => s != BeaconStage.Error).Select(s => s.Word())];

    private readonly NpgsqlDataSource database;
    private readonly GroupCommit<Report, Taken> group;

    // Always the same session, for one after another writes: each of the pool's would plan this statement for itself.
    private NpgsqlConnection? session;

    public CallbackCommitter(NpgsqlDataSource database)
    {
        this.database = database;
        group = new(Most, one => one.Job.Value, WriteAsync);
    }

    public void Dispose() => session?.Dispose();

    public static bool IsPlain(CallbackReport report) => report.Stage != BeaconStage.Error && report.Agent is null;

    /// <summary>True once the report is committed; false when it must be looked at by itself.</summary>
    public async Task<bool> TakeAsync(JobId job, byte[] hash, CallbackReport report)
    {
        CrossingPoints.Before(CrossingPoints.Commit, nameof(TakeAsync));
        if (await group.WriteAsync(new(job, hash, report)) is null) return false;
        CrossingPoints.After(CrossingPoints.Commit, nameof(TakeAsync));
        return true;
    }

    private async Task<IReadOnlyDictionary<Guid, Taken>> WriteAsync(IReadOnlyList<Report> batch)
    {
        try
        {
            return await WriteAsync(session ??= await database.OpenConnectionAsync(), batch);
        }
        catch
        {
            // Whatever it was, the next begins with another session.
            session?.Dispose();
            session = null;
            throw;
        }
    }

    private async Task<IReadOnlyDictionary<Guid, Taken>> WriteAsync(NpgsqlConnection connection, IReadOnlyList<Report> batch)
    {
        var taken = (await connection.QueryAsync<Taken>(Sql, new
        {
            Following,
            Order,
            CallbackStore.Window,
            CallbackStore.MostPerWindow,
            jobs = batch.Select(b => b.Job.Value).ToArray(),
            hashes = batch.Select(b => b.Hash).ToArray(),
            seqs = batch.Select(b => b.What.Seq).ToArray(),
            stages = batch.Select(b => b.What.Stage.Word()).ToArray(),
            progresses = batch.Select(b => b.What.Progress).ToArray(),
            modules = batch.Select(b => b.What.Module).ToArray(),
            messages = batch.Select(b => b.What.Message).ToArray(),
            finisheds = batch.Select(b => b.What.Message == CallbackReport.ModuleReady ? b.What.Module : null).ToArray(),
        })).ToList();
        Announcements.Of(database).Tell([.. taken.Select(t => JobEvents.NewsOf(new JobId(t.Id)))]);
        return taken.ToDictionary(t => t.Id);
    }

    // The step that follows the beacon is woken when the stage turns: within one, it has nothing to do but to wait on, and
    // looks at the last report itself when the stage's time is up. So work items are not touched here, and a job that somebody
    // writes about just now is left out: nobody's report waits for another job, and nobody waits in a circle. Each job is
    // looked up by itself: asked for all at once, a planner that knows nothing of a young table reads it whole.
    private const string Sql = """
        WITH input AS (
            SELECT * FROM unnest(@jobs, @hashes, @seqs, @stages, @progresses, @modules, @messages, @finisheds)
                AS i (job, hash, seq, stage, progress, module, message, finished)),
        held AS MATERIALIZED (
            SELECT i.*, h.row FROM input i CROSS JOIN LATERAL (
                SELECT j.ctid AS row FROM jobs j JOIN callback_tokens t ON t.job_id = j.id
                WHERE j.id = i.job AND t.hash = i.hash AND t.revoked_at IS NULL AND t.expires_at > now()
                    AND j.state = @Following AND array_position(@Order, j.stage) >= array_position(@Order, i.stage) AND i.seq > j.callback_seq
                    AND NOT (j.callback_window_at > now() - @Window AND j.callback_window_count >= @MostPerWindow)
                FOR NO KEY UPDATE OF j SKIP LOCKED) h),
        taken AS (
            UPDATE jobs j SET callback_seq = i.seq, progress = greatest(j.progress, i.progress), module = i.module, reported_error = NULL,
                modules_ready = CASE WHEN i.finished IS NULL OR i.finished = ANY (j.modules_ready) THEN j.modules_ready ELSE j.modules_ready || i.finished END,
                last_callback_at = now(), updated_at = now(), event_seq = j.event_seq + 1,
                callback_window_count = CASE WHEN j.callback_window_at > now() - @Window THEN j.callback_window_count + 1 ELSE 1 END,
                callback_window_at = CASE WHEN j.callback_window_at > now() - @Window THEN j.callback_window_at ELSE now() END
            FROM held i WHERE j.ctid = i.row
            RETURNING j.id, j.event_seq, j.state, j.progress, i.stage, i.module, i.message)
        INSERT INTO events (job_id, seq, at, kind, data)
        SELECT id, event_seq, clock_timestamp(), CASE WHEN module IS NULL THEN 'stage' ELSE 'module' END,
            jsonb_build_object('state', state, 'stage', stage, 'progress', progress, 'module', module, 'message', message, 'code', NULL)
        FROM taken RETURNING job_id AS id
        """;

    private sealed record Taken(Guid Id);

    private sealed record Report(JobId Job, byte[] Hash, CallbackReport What);
}
