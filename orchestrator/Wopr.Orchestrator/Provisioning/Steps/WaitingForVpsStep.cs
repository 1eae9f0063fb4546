using Wopr.Provisioning.Ports;
using Wopr.Support;

namespace Wopr.Provisioning.Steps;

/// <summary>
/// Waits until the server runs. The beacon's own callback is the best news and comes first; otherwise the shared poller
/// says how the actions went. An action that ends in error takes the server away, and another is tried.
/// </summary>
public sealed class WaitingForVpsStep(IClouds clouds, ServerLookout lookout) : IStep
{
    /// <summary>Servers that one job may use up; the next failure is HETZ-008.</summary>
    private const int MostServers = 3;

    public JobState State => JobState.WaitingForVps;
    public TimeSpan? Deadline => TimeSpan.FromMinutes(15);
    public ErrorCode MissedDeadline => ErrorCodes.ServerNotRunning;

    public async Task<Outcome> RunAsync(StepContext context, CancellationToken cancellation)
    {
        if (context.Job.Stage is not null) return Outcome.Next(JobState.DeployingWopr);

        var (actions, resource) = await context.Journal.AwaitedAsync(cancellation);
        var failed = actions.FirstOrDefault(a => a.Status == ActionStates.Error);
        if (failed is not null) return await ReplaceAsync(context, resource, failed, cancellation);
        if (actions.Any(a => a.Status == ActionStates.Running) && !context.Job.DeadlinePassed) return Outcome.WaitFor("provider actions or the first callback");
        return await AskServerAsync(context, resource, cancellation);
    }

    /// <summary>All actions are done, or none are known because the server was adopted: its own state decides.</summary>
    private async Task<Outcome> AskServerAsync(StepContext context, Resource? resource, CancellationToken cancellation)
    {
        var job = context.Job;
        if (resource?.ServerId is not { } id) return Outcome.Next(JobState.ProvisioningVps);
        if (!(await lookout.FindAsync(job.Project, job.Id, id, cancellation)).IsSuccess(out var server, out var failure)) return ProviderOutcome.For(failure, job);
        if (server is null) return Outcome.Fail(ErrorCodes.ServerVanished, $"server {id} is gone at the provider");
        if (server.Status == ServerStatus.Running) return Outcome.Next(JobState.DeployingWopr);
        return job.DeadlinePassed
            ? Outcome.Fail(ErrorCodes.ServerNotRunning, $"server {id} is still {server.StatusText}, says the provider ({server.ServerType} in {server.Location}): it never became 'running'")
            : Outcome.WaitUntil(TimeSpan.FromSeconds(5), $"server is {server.StatusText}");
    }

    private async Task<Outcome> ReplaceAsync(StepContext context, Resource? resource, ActionState failed, CancellationToken cancellation)
    {
        if (resource?.ServerId is { } id)
        {
            var cloud = clouds.Of(context.Job.Project);
            await context.Journal.ConfirmLeaseAsync(cancellation);
            if (!(await cloud.DeleteServerAsync(id, cancellation)).IsSuccess(out _, out var failure)) return ProviderOutcome.For(failure, context.Job);
            if (!(await cloud.GetServerAsync(id, cancellation)).IsSuccess(out var still, out failure)) return ProviderOutcome.For(failure, context.Job);
            if (still is not null) return Outcome.WaitUntil(TimeSpan.FromSeconds(1), "the failed server is being removed");
        }
        // Written down in one go: a job that is taken up again after its last try gets a new server, not this failure again.
        var tries = await context.Journal.ServersGoneAsync(cancellation) + 1;
        var last = tries >= MostServers;
        await context.Journal.ServerGoneAsync(
            $"the provider could not start this server (try {tries} of {MostServers}); it has been removed{(last ? "" : " and another one is being made")}", cancellation);
        return last
            ? Outcome.Fail(ErrorCodes.ActionFailed, $"action {failed.Id} ended in error: {failed.Command} ({failed.Error}), try {tries} of {MostServers}")
            : Outcome.Next(JobState.ProvisioningVps);
    }
}
