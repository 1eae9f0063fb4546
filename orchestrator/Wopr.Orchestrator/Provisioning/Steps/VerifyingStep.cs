using Wopr.Modules;
using Wopr.Support;
using Wopr.Verification;

namespace Wopr.Provisioning.Steps;

/// <summary>"Ready" means checked from outside: the beacon and each of its applications answer at their own addresses.</summary>
public sealed class VerifyingStep(BeaconVerifier verifier, ModuleCatalogue modules) : IStep
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    public JobState State => JobState.Verifying;
    public TimeSpan? Deadline => TimeSpan.FromMinutes(15);
    public ErrorCode MissedDeadline => ErrorCodes.BeaconUnreachable;

    public async Task<Outcome> RunAsync(StepContext context, CancellationToken cancellation)
    {
        var job = context.Job;
        if (await verifier.CheckAsync(job.Id, job.Fqdn, modules.HostsOn(job.Fqdn, job.Modules), cancellation) is not { } finding) return Outcome.Next(JobState.GeneratingDocs);
        return job.DeadlinePassed ? Outcome.Fail(finding.Code, finding.Detail) : Outcome.WaitUntil(Pause, finding.Detail);
    }
}
