using Wopr.Provisioning.Ports;
using Wopr.Support;

namespace Wopr.Provisioning.Steps;

/// <summary>Follows the beacon's own reports until it says that it is complete, that it failed, or nothing for too long.</summary>
public sealed class DeployingWoprStep(IClouds clouds, Deadlines deadlines) : IStep
{
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
        var allowed = deadlines.Silence(job.Stage);
        if (silence < allowed && !job.DeadlinePassed) return Outcome.WaitUntil(allowed - silence, $"the next callback after {job.Stage?.Word() ?? "boot"}");

        var words = await AskProviderAsync(context, cancellation);
        return Outcome.Fail(ErrorCodes.BeaconSilent, $"no callback for {silence:hh\\:mm\\:ss} in stage '{job.Stage?.Word() ?? "none"}'; {words.Summary}", new
        {
            stage = job.Stage?.Word(),
            job.Module,
            silent_seconds = (int)silence.TotalSeconds,
            allowed_seconds = (int)allowed.TotalSeconds,
            provider = words,
        });
    }

    /// <summary>What the provider says of the server belongs to the evidence. It is asked once, when the beacon is given up.</summary>
    private async Task<ProviderWords> AskProviderAsync(StepContext context, CancellationToken cancellation)
    {
        var resource = await context.Journal.ServerAsync(cancellation);
        if (resource?.ServerId is not { } id) return new("no server is known");
        var cloud = clouds.Of(context.Job.Project);
        if (!(await cloud.GetServerAsync(id, cancellation)).IsSuccess(out var server, out var failure))
            return new($"the provider did not say how server {id} is: {ProviderOutcome.Describe(failure)}") { Server = id };
        if (server is null) return new($"server {id} is gone at the provider") { Server = id };

        var known = (await cloud.ListServerActionsAsync(id, cancellation)).IsSuccess(out var actions, out failure);
        var last = !known ? ProviderOutcome.Describe(failure!) : string.Join(", ", actions!.Select(a => $"{a.Command} {ActionStates.Word(a.Status)}"));
        return new($"the provider says server {id} is '{server.StatusText}'; its last actions: {last}")
        {
            Server = id,
            Status = server.StatusText,
            Locked = server.Locked,
            Created = server.Created,
            Location = server.Location,
            Actions = [.. (actions ?? []).Select(a => new ProviderAction(a.Id, a.Command, ActionStates.Word(a.Status), a.ErrorCode, a.Started, a.Finished))],
        };
    }

    private sealed record ProviderWords(string Summary)
    {
        public long? Server { get; init; }
        public string? Status { get; init; }
        public bool? Locked { get; init; }
        public DateTimeOffset? Created { get; init; }
        public string? Location { get; init; }
        public IReadOnlyList<ProviderAction> Actions { get; init; } = [];
    }

    private sealed record ProviderAction(long Id, string Command, string Status, string? Error, DateTimeOffset? Started, DateTimeOffset? Finished);
}
