using Wopr.Mail;
using Wopr.Provisioning.Ports;

namespace Wopr.Provisioning.Steps;

/// <summary>
/// Takes everything down that carries this job's mark, waits for the provider's actions, and proves by listing that
/// nothing is left. What was found and what the proof showed stands in the timeline.
/// </summary>
public sealed partial class RollingBackStep(JobRemains remains, CustomerMails mails, ILogger<RollingBackStep> logger) : IStep
{
    // Usually the end of the provider's action wakes the job before.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    public JobState State => JobState.RollingBack;

    /// <summary>Giving up would leave something behind, so there is no deadline; the sweep reports what takes too long.</summary>
    public TimeSpan? Deadline => null;

    public async Task<Outcome> RunAsync(StepContext context, CancellationToken cancellation)
    {
        var job = context.Job;
        if (!(await remains.LookAsync(context, cancellation)).IsSuccess(out var found, out var failure)) return TryAgain(failure);
        if (!found.IsEmpty)
        {
            await context.Journal.NoteOnceAsync("found", $"to be removed: {found}", cancellation);
            if (await remains.RemoveAsync(context, found, cancellation) is { } refusal) return TryAgain(refusal);
            return Outcome.WaitUntil(Pause, $"still there: {found}");
        }
        if (found.MayTurnUp) return Outcome.WaitUntil(Pause, "a server that was asked for a moment ago may still turn up");

        await context.Journal.GoneAsync(ResourceKind.DnsRecord, cancellation);
        await context.Journal.GoneAsync(ResourceKind.Server, cancellation);
        await context.Journal.NoteOnceAsync("proof", "everything has been removed: no server, address, volume or DNS record of this job is left at the providers", cancellation);
        var (end, occasion) = job switch
        {
            { DecommissionRequested: true, ErrorCode: null, CancelRequested: false } => (JobState.RolledBack, Occasion.Decommissioned),
            { CancelRequested: true } => (JobState.Cancelled, Occasion.Cancelled),
            _ => (JobState.RolledBack, Occasion.Removed),
        };
        if (await mails.PostAsync(context, occasion, cancellation) is { } why) NoMail(logger, job.Id.Value, why);
        return Outcome.Next(end);
    }

    private static Outcome TryAgain(ProviderFailure failure) =>
        Outcome.WaitUntil(failure.RetryAfter ?? TimeSpan.FromSeconds(failure.Retry == Retry.Never ? 60 : 5), ProviderOutcome.Describe(failure));

    [LoggerMessage(2022, LogLevel.Error, "nothing is left of job {Job}, and its customer gets no mail: {Why}")]
    private static partial void NoMail(ILogger logger, Guid job, string why);
}
