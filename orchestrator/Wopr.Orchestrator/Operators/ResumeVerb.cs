using Dapper;
using Npgsql;
using Wopr.Platform.Work;
using Wopr.Provisioning;
using Wopr.Support;

namespace Wopr.Operators;

/// <summary>
/// Takes a failed job up again. It goes back to the step that failed with a fresh deadline, or, when its server is of no
/// use any more, to where a new one is made; the step there removes the old one first and proves that it is gone.
/// </summary>
public sealed class ResumeVerb(IEnumerable<IStep> steps, Deadlines deadlines)
{
    private readonly Dictionary<JobState, IStep> steps = steps.ToDictionary(s => s.State);

    internal async Task<VerbOutcome> DoAsync(VerbSubject job, JobState? from, NpgsqlConnection connection, NpgsqlTransaction transaction)
    {
        if (job.State != JobState.Failed)
            return job.Resumed && !job.State.IsOver() && !job.State.IsGoingDown()
                ? new VerbOutcome.Already($"The job has been resumed and is {job.State.Word()}.")
                : VerbOutcome.DoesNotApply($"Only a failed job can be resumed; this one is {job.State.Word()}.");
        if (job.CancelRequested || job.DecommissionRequested) return VerbOutcome.DoesNotApply("The job is being taken down.");
        if (job.FailedState is not { } failed) return VerbOutcome.DoesNotApply("It is not known in which step the job failed.");
        if (from is not null && from != failed && !(from == JobState.ProvisioningVps && failed > JobState.ProvisioningVps))
            return VerbOutcome.DoesNotApply($"The job can be resumed from {failed.Word()}{(failed > JobState.ProvisioningVps ? " or, with a new server, from provisioning_vps" : "")}.");

        var rebuild = failed > JobState.ProvisioningVps && (from == JobState.ProvisioningVps || (from is null && ServerIsOfNoUse(job)));
        var target = rebuild ? JobState.ProvisioningVps : failed;
        await WriteAsync(job, target, rebuild, connection, transaction);
        await JobEvents.AppendAsync(connection, transaction, job.JobId, EventKind.Note, new { message = rebuild ? "our team has the server built anew" : "our team has the work taken up again" });
        await JobEvents.AppendAsync(connection, transaction, job.JobId, EventKind.State, new { state = target.Word() });
        // Whoever decides just now, on the old reading, that the retention is over comes too late.
        await WorkSteering.TakeOverAsync(connection, transaction, JobStore.WorkOf(job.JobId));
        await JobTroubles.CloseAsync(connection, transaction, job.JobId, target);
        return new VerbOutcome.Done(rebuild ? "The old server is removed and a new one is built." : $"The job goes on from {target.Word()}.");
    }

    /// <summary>The beacon said itself that it gave up, so nothing on it goes on; or the server is not there any more.</summary>
    private static bool ServerIsOfNoUse(VerbSubject job) =>
        (job.FailedState == JobState.DeployingWopr && job.Stage == BeaconStage.Error.Word()) || job.ErrorCode == ErrorCodes.ServerVanished.Value;

    private Task<int> WriteAsync(VerbSubject job, JobState target, bool rebuild, NpgsqlConnection connection, NpgsqlTransaction transaction) =>
        connection.ExecuteAsync("""
            UPDATE jobs SET state = @state, state_entered_at = now(), deadline_at = coalesce(now() + @deadline::interval, 'infinity'), updated_at = now(),
                error_code = NULL, error_detail = NULL, failed_state = NULL, resumed_at = now(), server_attempts = 0,
                reported_error = NULL, stage = CASE WHEN @rebuild OR stage = 'error' THEN NULL ELSE stage END
            WHERE id = @Id;
            -- What is on sale is read anew for the new server.
            UPDATE jobs SET ladder = '[]', ladder_position = 0, substitution = NULL WHERE id = @Id AND (@rebuild OR @ladderEnded);
            UPDATE jobs SET rebuild_requested_at = now(), module = NULL, modules_ready = '{}', callback_seq = 0, last_callback_at = NULL WHERE id = @Id AND @rebuild;
            -- The old server's token dies with it. A beacon that is kept speaks on with the token that it has, which lives
            -- as long as a new one would.
            UPDATE callback_tokens SET revoked_at = now() WHERE job_id = @Id AND revoked_at IS NULL AND @rebuild;
            UPDATE callback_tokens SET expires_at = greatest(expires_at, now() + interval '6 hours')
            WHERE hash = (SELECT hash FROM callback_tokens WHERE job_id = @Id AND revoked_at IS NULL AND expires_at > now() ORDER BY issued_at DESC LIMIT 1)
            """, new
        {
            job.Id,
            state = target.Word(),
            deadline = deadlines.Of(steps[target]),
            rebuild,
            ladderEnded = job.ErrorCode == ErrorCodes.SoldOut.Value || job.ErrorCode == ErrorCodes.ServerTypeNotFound.Value,
        }, transaction);
}
