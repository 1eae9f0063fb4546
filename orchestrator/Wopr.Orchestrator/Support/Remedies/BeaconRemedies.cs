using Wopr.Beacons;
using Wopr.Provisioning;

namespace Wopr.Support.Remedies;

/// <summary>
/// Lets a finished beacon's agent run the installer of its plan once more: a new plan of the same contents, which the agent
/// fetches by itself. The runner repairs what is not as it should be and leaves the rest alone.
/// </summary>
public class RerunInstaller(PlanStore plans) : IRemedy
{
    public virtual string Name => "rerun-installer";
    public virtual string Summary => "Lets the beacon's agent run the installer again, which repairs or changes nothing.";
    public string Preconditions => "The beacon is finished and has an agent that fetches plans; while a beacon is still being built, only a human can do it over SSH.";
    public RemedyTier Tier => RemedyTier.Automatic;

    public async Task<RemedyLook> LookAsync(RemedyCase one, CancellationToken cancellation)
    {
        if (one.State != JobState.Completed || one.Job!.Job.DecommissionRequestedAt is not null)
            return new RemedyLook.Cannot($"The job is {one.Job!.Job.State}: there is no agent yet that would do it. Run 'bash /opt/wopr/bootstrap.sh' on the beacon by hand, or resume the job.");
        return await plans.FindAsync(one.JobId, cancellation) is { } plan
            ? new RemedyLook.Would([$"plan {plan.Number} is given out again as plan {plan.Number + 1}", "the agent runs its installer at its next look"])
            : new RemedyLook.Cannot("This beacon has no agent that would fetch a plan.");
    }

    public async Task<RemedyResult> ApplyAsync(RemedyCase one, CancellationToken cancellation)
    {
        if (await LookAsync(one, cancellation) is not RemedyLook.Would and var look) return RemedyResult.Of(look);
        return await plans.RepeatAsync(one.JobId, cancellation) is { } plan
            ? new RemedyResult(RunStatus.Done, $"Plan {plan.Number} waits for the agent; the timeline tells when it is carried out.")
            : new RemedyResult(RunStatus.Already, "A plan waits for the agent already.");
    }
}

/// <summary>The runner has no narrower way: it looks at all modules and touches only the one that is not well.</summary>
public sealed class RerunModule(PlanStore plans) : RerunInstaller(plans)
{
    public override string Name => "rerun-module";
    public override string Summary => "Lets the beacon's agent run the installer again, which puts the module that is not well right and leaves the others alone.";
}

/// <summary>Makes the container network anew. Nothing but a human on the beacon can do it honestly yet.</summary>
public sealed class RecreateNetwork : IRemedy
{
    public string Name => "recreate-network";
    public string Summary => "Stops the modules, makes the container network anew with DNS, and starts them again.";
    public string Preconditions => "A human on the beacon: its agent takes plans, not commands. The commands stand in PODMAN-001.";
    public RemedyTier Tier => RemedyTier.Human;

    public Task<RemedyLook> LookAsync(RemedyCase one, CancellationToken cancellation) =>
        Task.FromResult<RemedyLook>(new RemedyLook.Cannot("WOPR has no way to the beacon's network: its agent takes plans, not commands. Follow PODMAN-001 over SSH."));

    public async Task<RemedyResult> ApplyAsync(RemedyCase one, CancellationToken cancellation) => RemedyResult.Of(await LookAsync(one, cancellation));
}
