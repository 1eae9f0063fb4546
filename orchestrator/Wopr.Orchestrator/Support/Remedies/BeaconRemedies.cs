using Wopr.Beacons;
using Wopr.Operators;
using Wopr.Provisioning;

namespace Wopr.Support.Remedies;

/// <summary>
/// Lets a finished beacon's agent run the installer of its plan once more: a new plan of the same contents, which the agent
/// fetches by itself. The runner repairs what is not as it should be and leaves the rest alone; what came of it stands in
/// the timeline, or in an incident (BEACON-005). A job that failed before there was an agent is taken up again.
/// </summary>
public class RerunInstaller(PlanStore plans, JobVerbs verbs) : IRemedy
{
    public virtual string Name => "rerun-installer";
    public virtual string Summary => "Lets the beacon's agent run the installer again, which repairs or changes nothing.";
    public string Preconditions => "The beacon is finished and its agent is heard of, for it fetches the plan; or its job has failed and is taken up again. While a beacon is being built, only a human can do it over SSH.";
    public virtual RemedyTier Tier => RemedyTier.Automatic;

    public async Task<RemedyLook> LookAsync(RemedyCase one, CancellationToken cancellation)
    {
        if (one.State == JobState.Failed) return ResumeJob.Look(one);
        if (one.State != JobState.Completed || one.Job!.Job.DecommissionRequestedAt is not null)
            return new RemedyLook.Cannot($"The job is {one.Job!.Job.State}: there is no agent that would do it. As long as it is being built, run 'bash /opt/wopr/bootstrap.sh' on the beacon by hand.");
        if (one.Job.Incidents.Any(i => i.ClosedAt is null && i.Code == ErrorCodes.HeartbeatMissing.Value))
            return new RemedyLook.Cannot("The beacon's agent is silent and would fetch no plan.", ErrorCodes.HeartbeatMissing);
        if (await plans.FindAsync(one.JobId, cancellation) is not { } plan) return new RemedyLook.Cannot("This beacon has no agent that would fetch a plan.");
        return await plans.IsWaitingAsync(one.JobId, cancellation)
            ? new RemedyLook.Nothing($"Plan {plan.Number} waits for the agent already.")
            : new RemedyLook.Would([$"plan {plan.Number} is given out again as plan {plan.Number + 1}", "the agent runs its installer at its next look, within five minutes"]);
    }

    public async Task<RemedyResult> ApplyAsync(RemedyCase one, CancellationToken cancellation)
    {
        if (await LookAsync(one, cancellation) is not RemedyLook.Would and var look) return RemedyResult.Of(look);
        if (one.State == JobState.Failed) return await VerbRun.DoAsync(verbs, Verb.Resume, one, cancellation);
        return await plans.RepeatAsync(one.JobId, cancellation) is { } plan
            ? new RemedyResult(RunStatus.Done, $"Plan {plan.Number} waits for the agent; the timeline tells when it is carried out.")
            : new RemedyResult(RunStatus.Already, "A plan waits for the agent already.");
    }
}

/// <summary>The runner has no narrower way: it looks at all modules and touches only the one that is not well.</summary>
public sealed class RerunModule(PlanStore plans, JobVerbs verbs) : RerunInstaller(plans, verbs)
{
    public override string Name => "rerun-module";
    public override string Summary => "Lets the beacon's agent run the installer again, which puts the module that is not well right and leaves the others alone.";
}

/// <summary>The runner looks at the network before the modules, and makes one that resolves no names anew; for a minute all applications are away.</summary>
public sealed class RecreateNetwork(PlanStore plans, JobVerbs verbs) : RerunInstaller(plans, verbs)
{
    public override string Name => "recreate-network";
    public override string Summary => "Lets the beacon's agent run the installer again, which makes a container network without names anew, with DNS, and starts the modules again.";
    public override RemedyTier Tier => RemedyTier.Approval;
}
