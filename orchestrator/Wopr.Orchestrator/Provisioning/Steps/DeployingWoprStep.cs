using Wopr.Provisioning.Ports;
using Wopr.Support;

namespace Wopr.Provisioning.Steps;

/// <summary>Follows the beacon's own reports until it says that it is complete, that it failed, or nothing for too long.</summary>
public sealed class DeployingWoprStep(ICloudProvider cloud) : IStep
{
    // From "running" to the first word: boot, network, and cloud-init's first stages.
    private static readonly TimeSpan FirstWord = TimeSpan.FromMinutes(10);

    public JobState State => JobState.DeployingWopr;
    public TimeSpan? Deadline => TimeSpan.FromMinutes(90);
    public ErrorCode MissedDeadline => ErrorCodes.BeaconSilent;

    public async Task<Outcome> RunAsync(StepContext context, CancellationToken cancellation)
    {
        var job = context.Job;
        switch (job.Stage)
        {
            case BeaconStage.Complete:
                return Outcome.Next(JobState.Verifying);
            case BeaconStage.Error:
                return Outcome.Fail(job.ReportedError ?? ErrorCodes.ModuleStartFailed, $"the beacon reported an error in module '{job.Module ?? "-"}'");
        }
        var silence = job.Now - (job.LastCallbackAt > job.StateEnteredAt ? job.LastCallbackAt.Value : job.StateEnteredAt);
        var allowed = job.Stage?.LongestSilence() ?? FirstWord;
        if (silence < allowed && !job.DeadlinePassed) return Outcome.WaitUntil(allowed - silence, $"the next callback after {job.Stage?.Word() ?? "boot"}");
        return Outcome.Fail(ErrorCodes.BeaconSilent, $"no callback for {silence:hh\\:mm\\:ss} in stage '{job.Stage?.Word() ?? "none"}'; {await ServerWordAsync(context, cancellation)}");
    }

    /// <summary>What the provider says of the server belongs to the evidence.</summary>
    private async Task<string> ServerWordAsync(StepContext context, CancellationToken cancellation)
    {
        var resource = await context.Journal.ServerAsync(cancellation);
        if (resource?.ServerId is not { } id) return "no server is known";
        return (await cloud.GetServerAsync(id, cancellation)).IsSuccess(out var server, out var failure)
            ? server is null ? $"server {id} is gone at the provider" : $"the provider says server {id} is '{server.StatusText}'"
            : $"the provider did not say how server {id} is: {ProviderOutcome.Describe(failure)}";
    }
}
