using Wopr.Platform;
using Wopr.Provisioning;
using Wopr.Provisioning.Ports;
using Wopr.Provisioning.Steps;

namespace Wopr.Support.Remedies;

/// <summary>Makes the job's records lead to its server, and touches no other.</summary>
public sealed class ReconcileDns(JobStore jobs, IClouds clouds, IDnsProvider dns) : IRemedy
{
    public string Name => "reconcile-dns";
    public string Summary => "Compares the beacon's DNS records with its server's addresses and corrects those that are the job's own.";
    public string Preconditions => "The job has a server with an address and is past configuring_dns, and no foreign record holds its names.";
    public RemedyTier Tier => RemedyTier.Automatic;
    public bool IsHarmless => true;

    public async Task<RemedyLook> LookAsync(RemedyCase one, CancellationToken cancellation)
    {
        var (changes, cannot) = await ChangesAsync(one, cancellation);
        if (changes is null) return cannot!;
        return changes.IsEmpty
            ? new RemedyLook.Nothing("All records are as they should be.")
            : new RemedyLook.Would([.. changes.Creates.Select(c => $"create {c.Type} {c.Name}"), .. changes.Updates.Select(u => $"correct {u.Data.Type} {u.Data.Name}"), .. changes.Deletes.Select(d => $"delete our own stale record {d}")]);
    }

    public async Task<RemedyResult> ApplyAsync(RemedyCase one, CancellationToken cancellation)
    {
        var (changes, cannot) = await ChangesAsync(one, cancellation);
        if (changes is null) return RemedyResult.Of(cannot!);
        if (changes.IsEmpty) return new RemedyResult(RunStatus.Already, "All records are as they should be.");
        if (!(await dns.ApplyAsync(changes, cancellation)).IsSuccess(out _, out var failure)) return new RemedyResult(RunStatus.Refused, ProviderOutcome.Describe(failure));
        var (left, wrong) = await ChangesAsync(one, cancellation);
        return left is { IsEmpty: true }
            ? new RemedyResult(RunStatus.Done, $"{changes.Count} records were put right, and a second look finds them so.")
            : new RemedyResult(RunStatus.WithoutEffect, $"{changes.Count} records were written, but a second look does not find them so. {(wrong as RemedyLook.Cannot)?.Why}".TrimEnd());
    }

    private async Task<(DnsChanges? Changes, RemedyLook? Cannot)> ChangesAsync(RemedyCase one, CancellationToken cancellation)
    {
        (DnsChanges?, RemedyLook?) No(string why, ErrorCode? code = null) => (null, new RemedyLook.Cannot(why, code));
        var driven = one.State is JobState.Pending or JobState.PaymentReceived or JobState.ProvisioningVps or JobState.ConfiguringDns;
        if (driven || one.State.IsGoingDown() || one.Job!.Job.DecommissionRequestedAt is not null || one.Job.Job.CancelRequestedAt is not null)
            return No($"The job is {one.Job!.Job.State}: its records are its own affair.");
        if (one.ServerId is not { } id || await jobs.FindAsync(one.JobId, cancellation) is not { } job) return No("The job has no server.");
        if (!(await clouds.Of(one.Project).GetServerAsync(id, cancellation)).IsSuccess(out var seen, out var refused)) return No(ProviderOutcome.Describe(refused), refused.Code);
        if (seen is null) return No($"The provider does not know server {id}.", ErrorCodes.ServerVanished);
        var server = new Resource(ResourceKind.Server, seen.Name, $"{id}", seen.ServerType, seen.Location, seen.Ipv4, seen.Ipv6, MayStillTurnUp: false);
        if (!(await dns.ListRecordsAsync([job.Fqdn, $"*.{job.Fqdn}"], cancellation)).IsSuccess(out var present, out var failure)) return No(ProviderOutcome.Describe(failure), failure.Code);
        var wanted = ConfiguringDnsStep.Wanted(job, server);
        if (wanted.Count == 0) return No("The job's server has no address yet.");
        var (changes, foreign) = ConfiguringDnsStep.Reconcile(wanted, present, job.DnsComment);
        return foreign is null ? (changes, null) : No($"A foreign {foreign.Type} record holds {foreign.Name}; only its owner may remove it.", ErrorCodes.ForeignRecord);
    }
}

/// <summary>Makes Cloudflare forget what it holds for the job's names.</summary>
public sealed class PurgeCache(CachePurge purge) : IRemedy
{
    public string Name => "purge-cache";
    public string Summary => "Makes Cloudflare forget what it holds for the beacon's own names.";
    public string Preconditions => "The job exists.";
    public RemedyTier Tier => RemedyTier.Automatic;
    public bool IsHarmless => true;

    public Task<RemedyLook> LookAsync(RemedyCase one, CancellationToken cancellation) =>
        Task.FromResult<RemedyLook>(new RemedyLook.Would([$"Cloudflare forgets what it holds for {one.Job!.Job.Fqdn} and the names of its applications"]));

    public async Task<RemedyResult> ApplyAsync(RemedyCase one, CancellationToken cancellation)
    {
        if (await purge.HostsAsync(one.JobId, cancellation) is not { } hosts) return new RemedyResult(RunStatus.Refused, "There is no job with this id.");
        return await purge.PurgeAsync(hosts, cancellation) is { } failure
            ? new RemedyResult(RunStatus.Refused, ProviderOutcome.Describe(failure))
            : new RemedyResult(RunStatus.Done, $"Cloudflare confirmed that {hosts.Count} names are purged.");
    }
}

/// <summary>Puts the configured public key back into the provider's projects.</summary>
public sealed class UploadSshKey(IClouds clouds, Settings settings) : IRemedy
{
    public string Name => "upload-ssh-key";
    public string Summary => "Uploads the configured public SSH key under its configured name.";
    public string Preconditions => "The public half of the key is configured (WOPR_SSH_PUBLIC_KEY).";
    public RemedyTier Tier => RemedyTier.Approval;
    public bool IsForAll => true;

    public async Task<RemedyLook> LookAsync(RemedyCase one, CancellationToken cancellation)
    {
        if (settings.SshPublicKey is null) return new RemedyLook.Cannot("The public half of the key is not configured.");
        if (!(await LackingAsync(cancellation)).IsSuccess(out var lacking, out var failure)) return new RemedyLook.Cannot(ProviderOutcome.Describe(failure), failure.Code);
        return lacking.Count == 0
            ? new RemedyLook.Nothing($"The key {settings.SshKeyName} is there.")
            : new RemedyLook.Would([.. lacking.Select(p => $"the public key is uploaded as {settings.SshKeyName} to the project '{p}'")]);
    }

    public async Task<RemedyResult> ApplyAsync(RemedyCase one, CancellationToken cancellation)
    {
        if (await LookAsync(one, cancellation) is not RemedyLook.Would and var look) return RemedyResult.Of(look);
        if (!(await LackingAsync(cancellation)).IsSuccess(out var lacking, out var failure)) return new RemedyResult(RunStatus.Refused, ProviderOutcome.Describe(failure));
        var labels = new Dictionary<string, string>(StringComparer.Ordinal) { [ServerLabels.ManagedBy] = ServerLabels.Wopr };
        foreach (var project in lacking)
            if (!(await clouds.Of(project).CreateSshKeyAsync(settings.SshKeyName, settings.SshPublicKey!, labels, cancellation)).IsSuccess(out _, out failure)) return new RemedyResult(RunStatus.Refused, ProviderOutcome.Describe(failure));
        return await LookAsync(one, cancellation) is RemedyLook.Nothing
            ? new RemedyResult(RunStatus.Done, $"The key {settings.SshKeyName} is there again. Resume the jobs that failed with HETZ-003.")
            : new RemedyResult(RunStatus.WithoutEffect, "The key was uploaded, but the provider does not list it.");
    }

    private async Task<ProviderResult<IReadOnlyList<ProjectName>>> LackingAsync(CancellationToken cancellation)
    {
        var lacking = new List<ProjectName>();
        foreach (var project in clouds.Projects.Select(p => p.Name))
        {
            if (!(await clouds.Of(project).ListSshKeysAsync(cancellation)).IsSuccess(out var keys, out var failure)) return failure;
            if (keys.All(k => k.Name != settings.SshKeyName)) lacking.Add(project);
        }
        return lacking;
    }
}

/// <summary>Restarts the server, or switches it on.</summary>
public sealed class RebootServer(IClouds clouds, ActionWait actions) : IRemedy
{
    public string Name => "reboot-server";
    public string Summary => "Restarts the job's server, or switches it on when it is off, and waits until it runs.";
    public string Preconditions => "The provider lists the job's server, and it is running or off and not locked.";
    public RemedyTier Tier => RemedyTier.Automatic;

    public async Task<RemedyLook> LookAsync(RemedyCase one, CancellationToken cancellation)
    {
        if (one.State.IsGoingDown()) return new RemedyLook.Cannot($"The job is {one.Job!.Job.State}.");
        if (one.ServerId is not { } id) return new RemedyLook.Cannot("The job has no server.");
        if (!(await clouds.Of(one.Project).GetServerAsync(id, cancellation)).IsSuccess(out var server, out var failure)) return new RemedyLook.Cannot(ProviderOutcome.Describe(failure), failure.Code);
        return server switch
        {
            null => new RemedyLook.Cannot($"The provider does not know server {id}.", ErrorCodes.ServerVanished),
            { Locked: true } => new RemedyLook.Cannot("The server is locked by another action.", ErrorCodes.ResourceLocked),
            { Status: ServerStatus.Running } => new RemedyLook.Would([$"server {id} restarts"]),
            { Status: ServerStatus.Off } => new RemedyLook.Would([$"server {id} is switched on"]),
            _ => new RemedyLook.Cannot($"The server is {server.StatusText}: wait."),
        };
    }

    public async Task<RemedyResult> ApplyAsync(RemedyCase one, CancellationToken cancellation)
    {
        if (await LookAsync(one, cancellation) is not RemedyLook.Would and var look) return RemedyResult.Of(look);
        var (id, cloud) = (one.ServerId!.Value, clouds.Of(one.Project));
        var isOff = (await cloud.GetServerAsync(id, cancellation)).IsSuccess(out var server, out _) && server?.Status == ServerStatus.Off;
        var asked = isOff ? await cloud.PowerOnServerAsync(id, cancellation) : await cloud.RebootServerAsync(id, cancellation);
        if (!asked.IsSuccess(out var action, out var failure)) return new RemedyResult(RunStatus.Refused, ProviderOutcome.Describe(failure));
        if (await actions.AwaitAsync(one.Project, action, cancellation) is { } wrong) return new RemedyResult(RunStatus.WithoutEffect, wrong);
        return (await cloud.GetServerAsync(id, cancellation)).IsSuccess(out server, out _) && server?.Status == ServerStatus.Running
            ? new RemedyResult(RunStatus.Done, $"Server {id} {(isOff ? "is switched on" : "has restarted")} and runs.")
            : new RemedyResult(RunStatus.WithoutEffect, $"The provider finished, but server {id} is {server?.StatusText ?? "not known"}.");
    }
}

/// <summary>Waits for an action of a provider, for as long as a remedy may take.</summary>
public sealed class ActionWait(IClouds clouds)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private const int MostLooks = 90;

    /// <summary>Null when it succeeded, otherwise what went wrong.</summary>
    public async Task<string?> AwaitAsync(ProjectName? project, CloudAction action, CancellationToken cancellation)
    {
        for (var look = 0; look < MostLooks; look++)
        {
            if (action.Status == ActionStatus.Success) return null;
            if (action.Status == ActionStatus.Error) return $"Action {action.Id} {action.Command} ended in error: {action.ErrorCode}.";
            await Task.Delay(Pause, cancellation);
            if ((await clouds.Of(project).GetActionsAsync([action.Id], cancellation)).IsSuccess(out var actions, out _)) action = actions[0];
        }
        return $"Action {action.Id} {action.Command} has not ended within {MostLooks} seconds.";
    }
}
