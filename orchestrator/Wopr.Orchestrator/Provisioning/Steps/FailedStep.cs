using Wopr.Mail;

namespace Wopr.Provisioning.Steps;

/// <summary>Tells the customer, and keeps what a failed job has until its retention ends, so that it can be resumed or diagnosed; then it is taken down.</summary>
public sealed partial class FailedStep(CustomerMails mails, ILogger<FailedStep> logger) : IStep
{
    public JobState State => JobState.Failed;

    /// <summary>The retention is set when the job fails; it is the deadline of this state.</summary>
    public TimeSpan? Deadline => null;

    public async Task<Outcome> RunAsync(StepContext context, CancellationToken cancellation)
    {
        // No mail is no reason to leave something running and unpaid.
        if (await mails.PostAsync(context, Occasion.Failed, cancellation) is { } why) NoMail(logger, context.Job.Id.Value, why);
        return context.Job.DeadlinePassed ? Outcome.Next(JobState.RollingBack) : Outcome.WaitFor("an operator, or the end of the retention");
    }

    [LoggerMessage(2021, LogLevel.Error, "job {Job} has failed, and its customer gets no mail: {Why}")]
    private static partial void NoMail(ILogger logger, Guid job, string why);
}
