using Wopr.CloudInit;
using Wopr.Platform;
using Wopr.Provisioning.Ports;
using Wopr.Support;

namespace Wopr.Provisioning.Steps;

/// <summary>
/// Makes sure that the job has exactly one server. The name is written down before it is asked for; after a lost answer
/// the name is looked up, and a server is adopted only with our job label.
/// </summary>
public sealed class ProvisioningVpsStep(ICloudProvider cloud, ICloudInventory inventory, ServerPrerequisites prerequisites, StockMemory stock, JobRemains remains, JobUserData userData, Settings settings, IIdSource ids) : IStep
{
    // A token lives as long as the longest way to the end, and dies with the job before that.
    private static readonly TimeSpan TokenLife = TimeSpan.FromHours(6);

    /// <summary>When a created server's actions are looked at first: usually its own callback has come by then.</summary>
    internal static readonly TimeSpan FirstPoll = TimeSpan.FromSeconds(8);

    private static readonly TimeSpan RemovalPause = TimeSpan.FromSeconds(2);

    public JobState State => JobState.ProvisioningVps;
    public TimeSpan? Deadline => TimeSpan.FromMinutes(30);
    public ErrorCode MissedDeadline => ErrorCodes.HetznerUnavailable;

    public async Task<Outcome> RunAsync(StepContext context, CancellationToken cancellation)
    {
        if (context.Job.RebuildRequested && await ClearAsync(context, cancellation) is { } wait) return wait;
        var server = await context.Journal.ServerAsync(cancellation);
        if (server?.ProviderId is not null) return Outcome.Next(JobState.ConfiguringDns);
        // An intent without identity: an answer may have been lost, so look before asking again.
        return server is null ? await CreateAsync(context, cancellation) : await AdoptOrCreateAsync(context, cancellation);
    }

    /// <summary>The old server goes, and is proved gone, before another is asked for. Null when nothing of it is left.</summary>
    private async Task<Outcome?> ClearAsync(StepContext context, CancellationToken cancellation)
    {
        if (!(await remains.LookForServerAsync(context, cancellation)).IsSuccess(out var found, out var failure)) return ProviderOutcome.For(failure, context.Job);
        if (!found.IsEmpty)
        {
            if (await remains.RemoveAsync(context, found, cancellation) is { } refusal) return ProviderOutcome.For(refusal, context.Job);
            return Outcome.WaitUntil(RemovalPause, $"still there: {found}");
        }
        if (found.MayTurnUp) return Outcome.WaitUntil(RemovalPause, "a server that was asked for a moment ago may still turn up");
        await context.Journal.ClearedForRebuildAsync(cancellation);
        return null;
    }

    private async Task<Outcome> AdoptOrCreateAsync(StepContext context, CancellationToken cancellation)
    {
        if (!(await cloud.FindServerAsync(context.Job.Fqdn, cancellation)).IsSuccess(out var found, out var failure)) return ProviderOutcome.For(failure, context.Job);
        return found is null ? await CreateAsync(context, cancellation) : await AdoptAsync(context, found, cancellation);
    }

    private async Task<Outcome> CreateAsync(StepContext context, CancellationToken cancellation)
    {
        var job = context.Job;
        // Emptied when the job was taken up again: what is on sale is read anew.
        if (job.Ladder.Count == 0) return Outcome.Next(JobState.PaymentReceived);
        if (!(await prerequisites.GetAsync(cancellation)).IsSuccess(out var needs, out var failure)) return ProviderOutcome.ForCreate(failure, job, settings.LimitWait);

        for (var position = job.LadderPosition; position < job.Ladder.Count; position++)
        {
            var rung = job.Ladder[position];
            var token = ids.NewSecret(32);
            var text = userData.Make(job, token);
            if (!text.IsSuccess) return Outcome.Fail(ErrorCodes.UserDataRefused, text.Reason);
            await context.Journal.IntendServerAsync(job.Fqdn, rung, token, TokenLife, cancellation);
            var request = new ServerRequest(job.Fqdn, rung.ServerType, rung.Location, needs.ImageId, [needs.SshKeyId], ServerLabels.For(job), text.UserData.Text);
            if ((await cloud.CreateServerAsync(request, cancellation)).IsSuccess(out var created, out failure))
            {
                await context.Journal.IdentifyServerAsync(created.Server, created.Actions, FirstPoll, cancellation);
                await stock.SoldAsync(rung, cancellation);
                return Outcome.Next(JobState.ConfiguringDns);
            }
            if (failure.Retry != Retry.LookFirst) await context.Journal.ServerRefusedAsync(job.Fqdn, cancellation);
            if (failure.Code == ErrorCodes.ServerNameTaken) return await AdoptOrGiveWayAsync(context, cancellation);
            if (failure.Retry != Retry.Alternative) return ProviderOutcome.ForCreate(failure, job, settings.LimitWait);
            // A limit on cores is the account's affair, not the shelf's: another type may do, and the shop knows nothing of it.
            if (failure.Code != ErrorCodes.AccountLimit) await stock.RefusedAsync(rung, failure.Code, cancellation);
            if (position + 1 == job.Ladder.Count) break;
            var why = $"{rung.ServerType} in {rung.Location}: {failure.ProviderCode}";
            await context.Journal.ClimbDownAsync(position + 1, Placement.Substitution(job.Ladder, job.Ladder[position + 1], job.Location), why, cancellation);
        }
        return failure?.Code == ErrorCodes.AccountLimit ? ProviderOutcome.ForCreate(failure, job, settings.LimitWait) : await NothingLeftAsync(context, cancellation);
    }

    /// <summary>The end of the ladder: HETZ-001 when the provider sells nothing of the kind there, HETZ-005 when it has none left.</summary>
    private async Task<Outcome> NothingLeftAsync(StepContext context, CancellationToken cancellation)
    {
        var ladder = context.Job.Ladder;
        var marks = await stock.ReadAsync(cancellation);
        var code = ladder.All(r => marks.CodeOf(r) == ErrorCodes.ServerTypeNotFound) ? ErrorCodes.ServerTypeNotFound : ErrorCodes.SoldOut;
        var onSale = (await cloud.GetCatalogueAsync(cancellation)).IsSuccess(out var catalogue, out _)
            ? Placement.OnSale(catalogue, ladder.Min(r => r.MemoryGb), marks)
            : "the provider did not say what is on sale";
        var tried = string.Join(", ", ladder.Select(r => $"{r.ServerType} in {r.Location} ({marks.CodeOf(r)?.Value ?? "refused"})"));
        return Outcome.Fail(code, $"none of {ladder.Count} choices can be had: {tried}; {onSale}");
    }

    /// <summary>The name is taken: by an earlier attempt of ours whose answer was lost, or by somebody else.</summary>
    private async Task<Outcome> AdoptOrGiveWayAsync(StepContext context, CancellationToken cancellation)
    {
        if (!(await cloud.FindServerAsync(context.Job.Fqdn, cancellation)).IsSuccess(out var found, out var failure)) return ProviderOutcome.For(failure, context.Job);
        return found is null
            ? Outcome.WaitUntil(TimeSpan.FromSeconds(3), "the name is taken, but nobody has it yet")
            : await AdoptAsync(context, found, cancellation);
    }

    /// <summary>Ours is known by its label; a foreign server of that name is never touched.</summary>
    private async Task<Outcome> AdoptAsync(StepContext context, CloudServer found, CancellationToken cancellation)
    {
        if (!ServerLabels.IsOurs(found.Labels, context.Job.Id))
            return Outcome.Fail(ErrorCodes.ServerNameTaken, $"server {found.Id} has the name {found.Name} and is not this job's");
        // The lost answer named the actions. They are awaited like any others, so that a server that cannot start is replaced.
        if (!(await inventory.ListServerActionsAsync(found.Id, cancellation)).IsSuccess(out var actions, out var failure)) return ProviderOutcome.For(failure, context.Job);
        await context.Journal.IdentifyServerAsync(found, actions, FirstPoll, cancellation);
        return Outcome.Next(JobState.ConfiguringDns);
    }
}
