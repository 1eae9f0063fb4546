using Wopr.CloudInit;
using Wopr.Platform;
using Wopr.Provisioning.Ports;
using Wopr.Provisioning.Projects;
using Wopr.Support;

namespace Wopr.Provisioning.Steps;

/// <summary>
/// Makes sure that the job has exactly one server. The name is written down before it is asked for; after a lost answer
/// the name is looked up, and a server is adopted only with our job label. So is the project that it is asked for in; the job
/// goes to another only when that one has refused it for its limit, and nothing of the job can be there.
/// </summary>
public sealed class ProvisioningVpsStep(IClouds clouds, ProjectBook projects, ServerPrerequisites prerequisites, StockMemory stock, JobRemains remains, JobUserData userData, Settings settings, IIdSource ids) : IStep
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
        return server is null ? await CreateAsync(context, context.Job.Project, mayTurnUp: false, cancellation) : await AdoptOrCreateAsync(context, server, cancellation);
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

    private async Task<Outcome> AdoptOrCreateAsync(StepContext context, Resource asked, CancellationToken cancellation)
    {
        var project = context.Job.Project ?? ProjectName.Main;
        if (!(await clouds.Of(project).FindServerAsync(context.Job.Fqdn, cancellation)).IsSuccess(out var found, out var failure)) return ProviderOutcome.For(failure, context.Job);
        return found is null ? await CreateAsync(context, project, asked.MayStillTurnUp, cancellation) : await AdoptAsync(context, project, found, cancellation);
    }

    /// <summary>Where the job is placed already, or in the best project; when that one is full, in the next.</summary>
    /// <param name="mayTurnUp">An earlier request may still have its effect in the job's project.</param>
    private async Task<Outcome> CreateAsync(StepContext context, ProjectName? placed, bool mayTurnUp, CancellationToken cancellation)
    {
        var job = context.Job;
        // Emptied when the job was taken up again: what is on sale is read anew.
        if (job.Ladder.Count == 0) return Outcome.Next(JobState.PaymentReceived);

        var full = new HashSet<ProjectName>();
        Outcome? last = null;
        for (var project = placed ?? await PlaceAsync(context, full, cancellation); project is not null; project = await PlaceAsync(context, full, cancellation))
        {
            if (full.Count > 0) await context.Journal.ClimbDownAsync(job.LadderPosition, Placement.Substitution(job.Ladder, job.Ladder[job.LadderPosition], job.Location), "from the top again", cancellation);
            (last, var refused) = await CreateInAsync(context, project, mayTurnUp, cancellation);
            if (!refused || mayTurnUp) return last;
            full.Add(project);
            await projects.FullAsync(project, cancellation);
        }
        return last ?? ProviderOutcome.ForCreate(NoRoom, job, settings.LimitWait);
    }

    /// <summary>With a single project there is nothing to choose: the intent to ask for a server writes it down.</summary>
    private async Task<ProjectName?> PlaceAsync(StepContext context, HashSet<ProjectName> full, CancellationToken cancellation) =>
        projects.IsSingle(out var only) ? (full.Contains(only) ? null : only) : await context.Journal.PlaceAsync(projects, full, cancellation);

    private static ProviderFailure NoRoom => new(
        ProjectName.Main.Provider, 0, "", "every project is closed to new servers, or has as many as it may have", ErrorCodes.AccountLimit, Retry.Later);

    /// <summary>What it comes to, and whether that is the project's limit.</summary>
    private async Task<(Outcome Outcome, bool IsFull)> CreateInAsync(StepContext context, ProjectName project, bool mayTurnUp, CancellationToken cancellation)
    {
        var (job, cloud) = (context.Job, clouds.Of(project));
        if (!(await prerequisites.GetAsync(project, cancellation)).IsSuccess(out var needs, out var failure)) return Refused(failure);

        for (var position = job.LadderPosition; position < job.Ladder.Count; position++)
        {
            var rung = job.Ladder[position];
            var token = ids.NewSecret(32);
            var text = userData.Make(job, token);
            if (!text.IsSuccess) return (Outcome.Fail(ErrorCodes.UserDataRefused, text.Reason), false);
            await context.Journal.IntendServerAsync(project, job.Fqdn, rung, token, TokenLife, cancellation);
            var request = new ServerRequest(job.Fqdn, rung.ServerType, rung.Location, needs.ImageId, [needs.SshKeyId], ServerLabels.For(job), text.UserData.Text);
            if ((await cloud.CreateServerAsync(request, cancellation)).IsSuccess(out var created, out failure))
            {
                await context.Journal.IdentifyServerAsync(project, created.Server, created.Actions, FirstPoll, cancellation, sold: rung);
                return (Outcome.Next(JobState.ConfiguringDns), false);
            }
            // That nothing comes of this request says nothing of an earlier one.
            if (failure.Retry != Retry.LookFirst && !mayTurnUp) await context.Journal.ServerRefusedAsync(job.Fqdn, cancellation);
            if (failure.Code == ErrorCodes.ServerNameTaken) return (await AdoptOrGiveWayAsync(context, project, cancellation), false);
            if (failure.Retry != Retry.Alternative) return Refused(failure);
            // A limit on cores is the account's affair, not the shelf's: another type may do, and the shop knows nothing of it.
            if (failure.Code != ErrorCodes.AccountLimit) await stock.RefusedAsync(rung, failure.Code, cancellation);
            if (position + 1 == job.Ladder.Count) break;
            var why = $"{rung.ServerType} in {rung.Location}: {failure.ProviderCode}";
            await context.Journal.ClimbDownAsync(position + 1, Placement.Substitution(job.Ladder, job.Ladder[position + 1], job.Location), why, cancellation);
        }
        return failure?.Code == ErrorCodes.AccountLimit ? Refused(failure) : (await NothingLeftAsync(context, cancellation), false);

        (Outcome, bool) Refused(ProviderFailure why) => (ProviderOutcome.ForCreate(why, job, settings.LimitWait), why.Code == ErrorCodes.AccountLimit);
    }

    /// <summary>The end of the ladder: HETZ-001 when the provider sells nothing of the kind there, HETZ-005 when it has none left.</summary>
    private async Task<Outcome> NothingLeftAsync(StepContext context, CancellationToken cancellation)
    {
        var ladder = context.Job.Ladder;
        var marks = await stock.ReadAsync(cancellation);
        var code = ladder.All(r => marks.CodeOf(r) == ErrorCodes.ServerTypeNotFound) ? ErrorCodes.ServerTypeNotFound : ErrorCodes.SoldOut;
        var onSale = (await clouds.GetCatalogueAsync(cancellation)).IsSuccess(out var catalogue, out _)
            ? Placement.OnSale(catalogue, ladder.Min(r => r.MemoryGb), marks)
            : "the provider did not say what is on sale";
        var tried = string.Join(", ", ladder.Select(r => $"{r.ServerType} in {r.Location} ({marks.CodeOf(r)?.Value ?? "refused"})"));
        return Outcome.Fail(code, $"none of {ladder.Count} choices can be had: {tried}; {onSale}");
    }

    /// <summary>The name is taken: by an earlier attempt of ours whose answer was lost, or by somebody else.</summary>
    private async Task<Outcome> AdoptOrGiveWayAsync(StepContext context, ProjectName project, CancellationToken cancellation)
    {
        if (!(await clouds.Of(project).FindServerAsync(context.Job.Fqdn, cancellation)).IsSuccess(out var found, out var failure)) return ProviderOutcome.For(failure, context.Job);
        return found is null
            ? Outcome.WaitUntil(TimeSpan.FromSeconds(3), "the name is taken, but nobody has it yet")
            : await AdoptAsync(context, project, found, cancellation);
    }

    /// <summary>Ours is known by its label; a foreign server of that name is never touched.</summary>
    private async Task<Outcome> AdoptAsync(StepContext context, ProjectName project, CloudServer found, CancellationToken cancellation)
    {
        if (!ServerLabels.IsOurs(found.Labels, context.Job.Id))
            return Outcome.Fail(ErrorCodes.ServerNameTaken, $"server {found.Id} has the name {found.Name} and is not this job's");
        // The lost answer named the actions. They are awaited like any others, so that a server that cannot start is replaced.
        if (!(await clouds.Of(project).ListServerActionsAsync(found.Id, cancellation)).IsSuccess(out var actions, out var failure)) return ProviderOutcome.For(failure, context.Job);
        await context.Journal.IdentifyServerAsync(project, found, actions, FirstPoll, cancellation);
        return Outcome.Next(JobState.ConfiguringDns);
    }
}
