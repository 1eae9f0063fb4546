using Wopr.Mail;
using Wopr.Platform;
using Wopr.Support;

namespace Wopr.Provisioning.Steps;

/// <summary>Puts the welcome mail into the outbox, once. Its delivery is tried on its own and holds nobody up.</summary>
public sealed class SendingWelcomeStep(CustomerTexts texts, IIdSource ids) : IStep
{
    public const string MailKind = "welcome";

    public JobState State => JobState.SendingWelcome;
    public TimeSpan? Deadline => TimeSpan.FromMinutes(10);

    public async Task<Outcome> RunAsync(StepContext context, CancellationToken cancellation)
    {
        var job = context.Job;
        if (!texts.Render("mail/welcome.subject.txt", job).IsSuccess(out var subject, out var why)
            || !texts.Render("mail/welcome.txt", job).IsSuccess(out var text, out why)
            || !texts.Render("mail/welcome.html", job).IsSuccess(out var html, out why))
            return Outcome.Fail(ErrorCodes.StepFailedUnexpectedly, why);
        await context.Journal.PostMailAsync(ids.NewId(), MailKind, job.Email, subject.Trim(), text, html, cancellation);
        return Outcome.Next(JobState.Completed);
    }
}
