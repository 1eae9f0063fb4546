using Wopr.Support;

namespace Wopr.Provisioning.Steps;

/// <summary>Waits for the money. Nothing is created before it is there.</summary>
public sealed class PendingStep : IStep
{
    public JobState State => JobState.Pending;
    public TimeSpan? Deadline => TimeSpan.FromHours(24);
    public ErrorCode MissedDeadline => ErrorCodes.PaymentMissing;

    public Task<Outcome> RunAsync(StepContext context, CancellationToken cancellation) =>
        Task.FromResult(context.Job.Paid ? Outcome.Next(JobState.PaymentReceived) : Outcome.WaitFor("payment"));
}
