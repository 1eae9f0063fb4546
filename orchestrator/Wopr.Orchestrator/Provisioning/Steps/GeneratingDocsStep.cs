using Wopr.Mail;
using Wopr.Support;

namespace Wopr.Provisioning.Steps;

/// <summary>Writes the customer's own document about the beacon.</summary>
public sealed class GeneratingDocsStep(CustomerTexts texts) : IStep
{
    public const string Document = "runbook";

    public JobState State => JobState.GeneratingDocs;
    public TimeSpan? Deadline => TimeSpan.FromMinutes(10);

    public async Task<Outcome> RunAsync(StepContext context, CancellationToken cancellation)
    {
        if (!texts.Render("runbook/beacon.md", context.Job).IsSuccess(out var text, out var why)) return Outcome.Fail(ErrorCodes.StepFailedUnexpectedly, why);
        await context.Journal.StoreDocumentAsync(Document, text, cancellation);
        return Outcome.Next(JobState.SendingWelcome);
    }
}
