using Wopr.Mail;
using Wopr.Support;

namespace Wopr.Provisioning.Steps;

/// <summary>Tells the customer that the beacon is ready. A beacon without its welcome mail is not finished.</summary>
public sealed class SendingWelcomeStep(CustomerMails mails) : IStep
{
    public JobState State => JobState.SendingWelcome;
    public TimeSpan? Deadline => TimeSpan.FromMinutes(10);

    public async Task<Outcome> RunAsync(StepContext context, CancellationToken cancellation) =>
        await mails.PostAsync(context, Occasion.Welcome, cancellation) is { } why
            ? Outcome.Fail(ErrorCodes.StepFailedUnexpectedly, why)
            : Outcome.Next(JobState.Completed);
}
