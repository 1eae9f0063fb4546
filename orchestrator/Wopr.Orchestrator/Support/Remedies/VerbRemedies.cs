using Wopr.Operators;
using Wopr.Provisioning;
using Wopr.Provisioning.Ports;

namespace Wopr.Support.Remedies;

/// <summary>Takes a failed job up again where it failed.</summary>
public sealed class ResumeJob(JobVerbs verbs) : IRemedy
{
    public string Name => "resume-job";
    public string Summary => "Takes a failed job up again where it failed.";
    public string Preconditions => "The job has failed and is not being taken down.";
    public RemedyTier Tier => RemedyTier.Automatic;

    public Task<RemedyLook> LookAsync(RemedyCase one, CancellationToken cancellation) => Task.FromResult(Look(one));

    internal static RemedyLook Look(RemedyCase one) =>
        one.Job!.Verbs.Contains(Verb.Resume.Word()) ? new RemedyLook.Would([$"the job goes on from {one.Job.Job.FailedState}, or builds its unfinished server anew if that is of no use"])
        : one.Job.Job.ResumedAt is not null && !one.State.IsOver() ? new RemedyLook.Nothing($"The job has been resumed and is {one.Job.Job.State}.")
        : new RemedyLook.Cannot($"Only a failed job can be resumed; this one is {one.Job.Job.State}.");

    public Task<RemedyResult> ApplyAsync(RemedyCase one, CancellationToken cancellation) => VerbRun.DoAsync(verbs, Verb.Resume, one, cancellation);
}

/// <summary>Builds the server of a failed job anew. A server that once worked is copied first.</summary>
public sealed class RecreateServer(JobVerbs verbs, IClouds clouds, ActionWait actions) : IRemedy
{
    public string Name => "recreate-server";
    public string Summary => "Keeps a snapshot of the job's server, removes it and builds it anew.";
    public string Preconditions => "The job has failed after its server was asked for, and is not being taken down.";
    public RemedyTier Tier => RemedyTier.Human;
    public bool IsDestructive => true;

    public Task<RemedyLook> LookAsync(RemedyCase one, CancellationToken cancellation) => Task.FromResult<RemedyLook>(
        !one.Job!.Verbs.Contains(Verb.Resume.Word()) ? new RemedyLook.Cannot($"Only a failed job's server can be built anew; this job is {one.Job.Job.State}.")
        : one.ServerId is { } id ? new RemedyLook.Would([$"a snapshot of server {id}", $"server {id} is removed", "a new server is built for the same job"])
        : new RemedyLook.Would(["a new server is built for the same job"]));

    public async Task<RemedyResult> ApplyAsync(RemedyCase one, CancellationToken cancellation)
    {
        if (await LookAsync(one, cancellation) is not RemedyLook.Would and var look) return RemedyResult.Of(look);
        var kept = "";
        if (one.ServerId is { } id)
        {
            var (cloud, labels) = (clouds.Of(one.Project), ServerLabels.OfJob(one.JobId));
            if (!(await cloud.SnapshotServerAsync(id, $"before recreate-server of job {one.JobId}", labels, cancellation)).IsSuccess(out var action, out var failure))
            {
                // A server that is not there any more cannot be copied, and nothing of it can be lost.
                if (failure.Status != StatusCodes.Status404NotFound) return new RemedyResult(RunStatus.Refused, $"No snapshot, so nothing was removed: {ProviderOutcome.Describe(failure)}");
            }
            else if (await actions.AwaitAsync(one.Project, action, cancellation) is { } wrong) return new RemedyResult(RunStatus.Refused, $"No snapshot, so nothing was removed: {wrong}");
            else kept = $"A snapshot of server {id} was kept. ";
        }
        var result = await VerbRun.DoAsync(verbs, Verb.Resume, one, cancellation, JobState.ProvisioningVps);
        return result with { Detail = kept + result.Detail };
    }
}

/// <summary>Sends the job's last mail once more.</summary>
public sealed class ResendMail(JobVerbs verbs) : IRemedy
{
    public string Name => "resend-mail";
    public string Summary => "Sends the job's last mail to the customer once more.";
    public string Preconditions => "A mail has been written for the job.";
    public RemedyTier Tier => RemedyTier.Automatic;
    public bool IsHarmless => true;

    public Task<RemedyLook> LookAsync(RemedyCase one, CancellationToken cancellation) => Task.FromResult<RemedyLook>(
        one.Job!.Mails is [var last, ..] ? new RemedyLook.Would([$"the mail '{last.Kind}' is sent once more"]) : new RemedyLook.Cannot("No mail has been written for this job yet."));

    public Task<RemedyResult> ApplyAsync(RemedyCase one, CancellationToken cancellation) => VerbRun.DoAsync(verbs, Verb.ResendMail, one, cancellation);
}

/// <summary>Gives the beacon's reports another token, which the operator puts on the beacon.</summary>
public sealed class ReissueToken(JobVerbs verbs) : IRemedy
{
    public string Name => "reissue-token";
    public string Summary => "Gives the job a new callback token, shown once to the operator who approves; the old one is good for a quarter of an hour.";
    public string Preconditions => "The job is under way and has a live token.";
    public RemedyTier Tier => RemedyTier.Approval;

    public Task<RemedyLook> LookAsync(RemedyCase one, CancellationToken cancellation) => Task.FromResult<RemedyLook>(
        one.Job!.Verbs.Contains(Verb.RotateToken.Word()) ? new RemedyLook.Would(["a new token is made and shown once to the operator"]) : new RemedyLook.Cannot($"The job is {one.Job.Job.State} and has no live token."));

    public Task<RemedyResult> ApplyAsync(RemedyCase one, CancellationToken cancellation) => VerbRun.DoAsync(verbs, Verb.RotateToken, one, cancellation);
}

internal static class VerbRun
{
    /// <summary>A verb checks itself in its own transaction, with the job locked.</summary>
    public static async Task<RemedyResult> DoAsync(JobVerbs verbs, Verb verb, RemedyCase one, CancellationToken cancellation, JobState? from = null) =>
        await verbs.DoAsync(new VerbRequest(verb, one.JobId, one.Who, one.Reason, from), cancellation) switch
        {
            VerbOutcome.Done done => new RemedyResult(RunStatus.Done, done.Detail, done.Token),
            VerbOutcome.Already already => new RemedyResult(RunStatus.Already, already.Detail),
            VerbOutcome.Refused refused => new RemedyResult(RunStatus.Refused, $"{refused.Code}: {refused.Detail}"),
            _ => throw new InvalidOperationException("an outcome that nobody knows"),
        };
}
