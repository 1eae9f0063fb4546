using Wopr.Provisioning.Ports;
using Wopr.Support;

namespace Wopr.Provisioning.Steps;

/// <summary>
/// Waits until the server runs. The beacon's own callback is the best news and comes first; otherwise the shared poller
/// says how the actions went. An action that ends in error takes the server away, and another is tried.
/// </summary>
public sealed class WaitingForVpsStep(ICloudProvider cloud, ServerLookout lookout) : IStep
{
    private const int MostServers = 3;

    public JobState State => JobState.WaitingForVps;
    public TimeSpan? Deadline => TimeSpan.FromMinutes(15);
    public ErrorCode MissedDeadline => ErrorCodes.ServerNotRunning;

    public async Task<Outcome> RunAsync(StepContext context, CancellationToken cancellation)
    {
        if (context.Job.Stage is not null) return Outcome.Next(JobState.DeployingWopr);

        var actions = await context.Journal.ActionsAsync(cancellation);
        var failed = actions.FirstOrDefault(a => a.Status == ActionStates.Error);
        if (failed is not null) return await ReplaceAsync(context, failed, cancellation);
        if (actions.Any(a => a.Status == ActionStates.Running) && !context.Job.DeadlinePassed) return Outcome.WaitFor("provider actions or the first callback");
        return await AskServerAsync(context, cancellation);
    }

    /// <summary>All actions are done, or none are known because the server was adopted: its own state decides.</summary>
    private async Task<Outcome> AskServerAsync(StepContext context, CancellationToken cancellation)
    {
        var job = context.Job;
        var resource = await context.Journal.ServerAsync(cancellation);
        if (resource?.ServerId is not { } id) return Outcome.Next(JobState.ProvisioningVps);
        if (!(await lookout.FindAsync(job.Id, id, cancellation)).IsSuccess(out var server, out var failure)) return ProviderOutcome.For(failure, job);
        if (server is null) return Outcome.Fail(ErrorCodes.ServerVanished, $"server {id} is gone at the provider");
        if (server.Status == ServerStatus.Running) return Outcome.Next(JobState.DeployingWopr);
        return job.DeadlinePassed
            ? Outcome.Fail(ErrorCodes.ServerNotRunning, $"server {id} is '{server.StatusText}' and never became 'running'")
            : Outcome.WaitUntil(TimeSpan.FromSeconds(5), $"server is {server.StatusText}");
    }

    private async Task<Outcome> ReplaceAsync(StepContext context, ActionState failed, CancellationToken cancellation)
    {
        var resource = await context.Journal.ServerAsync(cancellation);
        if (resource?.ServerId is { } id)
        {
            if (!(await cloud.DeleteServerAsync(id, cancellation)).IsSuccess(out _, out var failure)) return ProviderOutcome.For(failure, context.Job);
            if (!(await cloud.GetServerAsync(id, cancellation)).IsSuccess(out var still, out failure)) return ProviderOutcome.For(failure, context.Job);
            if (still is not null) return Outcome.WaitUntil(TimeSpan.FromSeconds(1), "the failed server is being removed");
        }
        if (context.Job.ServerAttempts >= MostServers)
            return Outcome.Fail(ErrorCodes.ActionFailed, $"action {failed.Command} failed ({failed.Error}) on attempt {context.Job.ServerAttempts}");
        await context.Journal.NoteAsync("the provider could not start this server; another one is being made", cancellation);
        await context.Journal.ForgetActionsAsync(cancellation);
        await context.Journal.GoneAsync(ResourceKind.Server, cancellation);
        return Outcome.Next(JobState.ProvisioningVps);
    }
}
