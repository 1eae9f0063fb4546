using Npgsql;
using Wopr.Platform;
using Wopr.Platform.Crossings;
using Wopr.Platform.Work;
using Wopr.Support;

namespace Wopr.Provisioning;

/// <summary>
/// Drives one job as far as it goes: before every step it looks whether the job is to be cancelled or taken down, runs
/// the step of the job's state, and commits what the step came to. Steps that need not wait run in one go.
/// </summary>
public sealed partial class JobDriver(NpgsqlDataSource database, JobStore jobs, IEnumerable<IStep> steps, StepRun run, Deadlines deadlines, Settings settings, ILogger<JobDriver> logger) : IWorkHandler
{
    private readonly Dictionary<JobState, IStep> steps = steps.ToDictionary(s => s.State);

    public string Kind => JobStore.WorkKind;

    public async Task HandleAsync(WorkLease lease, CancellationToken cancellation)
    {
        var id = new JobId(lease.Key.Subject);
        var job = await jobs.FindAsync(id, cancellation) ?? throw new InvalidOperationException($"work item without a job: {id}");
        while (true)
        {
            if (WantsDown(job))
            {
                job = await MoveAsync(lease, job, JobState.RollingBack, cancellation);
                continue;
            }
            if (job.State.IsOver())
            {
                await jobs.FinishAsync(lease, job, cancellation);
                JobOver(logger, id.Value, job.State.Word());
                return;
            }
            CrossingPoints.Enter(job.State.Word(), id.Value);
            CrossingPoints.Before(CrossingPoints.Step, job.State.Word());
            if (await RunStepAsync(lease, job, cancellation) is not { } driven) return;
            job = driven;
        }
    }

    /// <summary>A step that kills its process or always throws: the job fails, and an operator may resume it. What is on its way down already cannot fail.</summary>
    public async Task<bool> GiveUpAsync(WorkLease lease, CancellationToken cancellation)
    {
        var id = new JobId(lease.Key.Subject);
        if (await jobs.FindAsync(id, cancellation) is not { } job || WantsDown(job) || job.State.IsOver() || job.State is JobState.Failed or JobState.RollingBack) return false;
        await FailAsync(lease, job, ErrorCodes.StepFailedUnexpectedly, $"step {job.State.Word()} ended {WorkLease.MostAttempts} times without an outcome", cancellation);
        return true;
    }

    /// <summary>The job as the step left it, to be driven on; null when the lease has been released.</summary>
    private async Task<Job?> RunStepAsync(WorkLease lease, Job job, CancellationToken cancellation)
    {
        var step = steps[job.State];
        switch (await run.RunAsync(step, new StepContext(job, new JobJournal(database, lease, job.Id)), cancellation))
        {
            case null:
                JobCalledOff(logger, job.Id.Value, job.State.Word());
                return await jobs.FindAsync(job.Id, cancellation);
            case Outcome.NextState next:
                return await MoveAsync(lease, job, next.State, cancellation);
            case Outcome.Failure failure:
                await FailAsync(lease, job, failure.Code, failure.Detail, cancellation, failure.Evidence);
                return null;
            case Outcome.WaitAtMost or Outcome.WaitForSignal when job.DeadlinePassed && step.Deadline is not null:
                await FailAsync(lease, job, step.MissedDeadline, $"state {job.State.Word()} took longer than {deadlines.Of(step)}", cancellation);
                return null;
            case Outcome.WaitAtMost wait:
                await jobs.WaitAsync(lease, job, new Wake.After(wait.Delay), cancellation);
                return null;
            case Outcome.WaitForTurn turn:
                await jobs.PostponeAsync(lease, job, turn.Delay, cancellation);
                return null;
            case Outcome.WaitForSignal:
                await jobs.WaitAsync(lease, job, Wake.Signalled, cancellation);
                return null;
            default:
                await jobs.RestAsync(lease, job, cancellation);
                return null;
        }
    }

    private Task<Job> MoveAsync(WorkLease lease, Job job, JobState next, CancellationToken cancellation)
    {
        JobMoved(logger, job.Id.Value, job.State.Word(), next.Word());
        return jobs.MoveAsync(lease, job, next, steps.TryGetValue(next, out var step) ? deadlines.Of(step) : null, cancellation);
    }

    private Task FailAsync(WorkLease lease, Job job, ErrorCode code, string detail, CancellationToken cancellation, object? evidence = null)
    {
        JobFailed(logger, job.Id.Value, job.State.Word(), code.Value, detail);
        return jobs.FailAsync(lease, job, code, detail, evidence, settings.Retention, cancellation);
    }

    private static bool WantsDown(Job job) => job.State switch
    {
        JobState.RollingBack or JobState.RolledBack or JobState.Cancelled => false,
        JobState.Completed => job.DecommissionRequested,
        _ => job.CancelRequested || job.DecommissionRequested,
    };

    [LoggerMessage(2001, LogLevel.Information, "job {Job}: {From} -> {To}")]
    private static partial void JobMoved(ILogger logger, Guid job, string from, string to);

    [LoggerMessage(2002, LogLevel.Warning, "job {Job} failed in {State} with {Code}: {Detail}")]
    private static partial void JobFailed(ILogger logger, Guid job, string state, string code, string detail);

    [LoggerMessage(2004, LogLevel.Information, "job {Job}: step {State} was called off")]
    private static partial void JobCalledOff(ILogger logger, Guid job, string state);

    [LoggerMessage(2003, LogLevel.Information, "job {Job} is over: {State}")]
    private static partial void JobOver(ILogger logger, Guid job, string state);
}
