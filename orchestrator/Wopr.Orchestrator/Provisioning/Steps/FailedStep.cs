namespace Wopr.Provisioning.Steps;

/// <summary>Keeps what a failed job has until its retention ends, so that it can be resumed or diagnosed; then it is taken down.</summary>
public sealed class FailedStep : IStep
{
    public JobState State => JobState.Failed;

    /// <summary>The retention is set when the job fails; it is the deadline of this state.</summary>
    public TimeSpan? Deadline => null;

    public Task<Outcome> RunAsync(StepContext context, CancellationToken cancellation) =>
        Task.FromResult(context.Job.DeadlinePassed ? Outcome.Next(JobState.RollingBack) : Outcome.WaitFor("an operator, or the end of the retention"));
}
