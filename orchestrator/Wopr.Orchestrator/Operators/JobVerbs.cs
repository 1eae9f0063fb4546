using Dapper;
using Npgsql;
using Wopr.Audit;
using Wopr.Platform;
using Wopr.Platform.Work;
using Wopr.Provisioning;

namespace Wopr.Operators;

/// <summary>
/// Carries verbs out: checked against the job's state, done, told in the timeline and written into the audit log in one
/// transaction, with the job's work item locked first. What takes time is left to the job's driver, which is woken.
/// </summary>
public sealed partial class JobVerbs(NpgsqlDataSource database, ResumeVerb resume, MailVerb mail, TokenVerb token, ILogger<JobVerbs> logger)
{
    public async Task<VerbOutcome> DoAsync(VerbRequest request, CancellationToken cancellation)
    {
        var outcome = await database.InTransactionAsync(async (connection, transaction) =>
        {
            await WorkQueue.LockAsync(connection, transaction, JobStore.WorkOf(request.Job));
            var row = await connection.QuerySingleOrDefaultAsync<VerbSubject?>("""
                SELECT id, state AS state_word, failed_state AS failed_state_word, stage, error_code, cancel_requested_at IS NOT NULL AS cancel_requested,
                       decommission_requested_at IS NOT NULL AS decommission_requested, resumed_at IS NOT NULL AS resumed
                FROM jobs WHERE id = @id FOR UPDATE
                """, new { id = request.Job.Value }, transaction);
            if (row is null) return VerbOutcome.NoSuchJob;
            var done = await CarryOutAsync(request, row, connection, transaction);
            await AuditLog.AppendAsync(connection, transaction, Entry(request, done));
            return done;
        }, cancellation);
        Carried(logger, request.Job.Value, request.Verb.Word(), request.Who.Name, outcome.GetType().Name);
        return outcome;
    }

    private Task<VerbOutcome> CarryOutAsync(VerbRequest request, VerbSubject job, NpgsqlConnection connection, NpgsqlTransaction transaction) => request.Verb switch
    {
        Verb.Cancel => CancelAsync(job, connection, transaction),
        Verb.Decommission => DecommissionAsync(job, connection, transaction),
        Verb.Resume => resume.DoAsync(job, request.From, connection, transaction),
        Verb.RetryStep => RetryStepAsync(job, connection, transaction),
        Verb.RotateToken => token.DoAsync(job, connection, transaction),
        Verb.ResendMail => mail.DoAsync(job, connection, transaction),
        _ => throw new InvalidOperationException("a verb that nobody knows"),
    };

    private static async Task<VerbOutcome> CancelAsync(VerbSubject job, NpgsqlConnection connection, NpgsqlTransaction transaction)
    {
        if (job.State == JobState.Completed) return VerbOutcome.DoesNotApply("The beacon is completed: decommission it to take it down.");
        if (job.State.IsGoingDown()) return new VerbOutcome.Already($"The job is {job.State.Word()} and ends by itself.");
        if (job.CancelRequested || job.DecommissionRequested) return new VerbOutcome.Already("The job is being taken down already.");
        await connection.ExecuteAsync("UPDATE jobs SET cancel_requested_at = now(), updated_at = now() WHERE id = @Id", new { job.Id }, transaction);
        await TellAsync(job, "our team has cancelled the order", connection, transaction);
        await WorkSteering.ReviveAsync(connection, transaction, JobStore.WorkOf(job.JobId));
        return new VerbOutcome.Done("The job stops and everything of it is removed.");
    }

    /// <summary>Under way, neither failed nor over nor on its way down.</summary>
    internal static bool IsOnItsWay(JobState state) => !state.IsOver() && state is not (JobState.Failed or JobState.RollingBack);

    /// <summary>Out of quarantine too. A step that is being run just now is run once more afterwards.</summary>
    private static async Task<VerbOutcome> RetryStepAsync(VerbSubject job, NpgsqlConnection connection, NpgsqlTransaction transaction)
    {
        if (job.State == JobState.Failed) return VerbOutcome.DoesNotApply("The job has failed: resume it.");
        if (!IsOnItsWay(job.State)) return VerbOutcome.DoesNotApply($"The job is {job.State.Word()}: none of its steps is left to run.");
        await WorkSteering.ReviveAsync(connection, transaction, JobStore.WorkOf(job.JobId));
        return new VerbOutcome.Done($"The step {job.State.Word()} is run again now.");
    }

    private static async Task<VerbOutcome> DecommissionAsync(VerbSubject job, NpgsqlConnection connection, NpgsqlTransaction transaction)
    {
        if (job.State.IsGoingDown()) return new VerbOutcome.Already($"The job is {job.State.Word()}: nothing of it stays.");
        if (job.CancelRequested || job.DecommissionRequested) return new VerbOutcome.Already("The job is being taken down already.");
        if (job.State is not (JobState.Completed or JobState.Failed)) return VerbOutcome.DoesNotApply($"The job is {job.State.Word()}: cancel it instead.");
        // It is not over any more: it ends a second time when nothing is left.
        await connection.ExecuteAsync("UPDATE jobs SET decommission_requested_at = now(), ended_at = NULL, events_archived_at = NULL, updated_at = now() WHERE id = @Id", new { job.Id }, transaction);
        await TellAsync(job, "our team takes the beacon down", connection, transaction);
        await WorkSteering.ReviveAsync(connection, transaction, JobStore.WorkOf(job.JobId));
        return new VerbOutcome.Done("Everything of the beacon is removed, and its name becomes free again.");
    }

    /// <summary>For the timeline, which the customer reads too: no names, no reasons.</summary>
    private static Task<int> TellAsync(VerbSubject job, string message, NpgsqlConnection connection, NpgsqlTransaction transaction) =>
        JobEvents.AppendAsync(connection, transaction, job.JobId, EventKind.Note, new { message });

    private static AuditEntry Entry(VerbRequest request, VerbOutcome outcome) => outcome switch
    {
        VerbOutcome.Done done => new(request.Who, request.Verb.Word(), request.Job, request.Reason, AuditOutcome.Done, Detail: done.Detail),
        VerbOutcome.Already already => new(request.Who, request.Verb.Word(), request.Job, request.Reason, AuditOutcome.Already, Detail: already.Detail),
        VerbOutcome.Refused refused => new(request.Who, request.Verb.Word(), request.Job, request.Reason, AuditOutcome.Refused, refused.Code, refused.Detail),
        _ => throw new InvalidOperationException("an outcome that nobody knows"),
    };

    [LoggerMessage(2101, LogLevel.Information, "job {Job}: {Verb} by {Who}: {Outcome}")]
    private static partial void Carried(ILogger logger, Guid job, string verb, string who, string outcome);
}

/// <summary>A job's row as far as verbs look at it, locked.</summary>
public sealed class VerbSubject
{
    public Guid Id { get; init; }

    /// <summary>As the row has it; see <see cref="State"/>.</summary>
    public string StateWord { get; init; } = "";
    public string? FailedStateWord { get; init; }
    public string? Stage { get; init; }
    public string? ErrorCode { get; init; }
    public bool CancelRequested { get; init; }
    public bool DecommissionRequested { get; init; }
    public bool Resumed { get; init; }

    public JobId JobId => new(Id);
    public JobState State => JobStates.Parse(StateWord);
    public JobState? FailedState => FailedStateWord is null ? null : JobStates.Parse(FailedStateWord);
}
