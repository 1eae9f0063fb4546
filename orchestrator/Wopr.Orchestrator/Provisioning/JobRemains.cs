using Wopr.Provisioning.Ports;
using Wopr.Support;

namespace Wopr.Provisioning;

/// <summary>
/// What of a job is at the providers, found by listing, and its removal. Only what carries the job's own mark, or
/// belonged to a server that did, and all of it in the job's own project.
/// </summary>
public sealed class JobRemains(IClouds clouds, IDnsProvider dns)
{
    /// <summary>Everything: names first, so that nobody is sent to an address that is about to belong to somebody else.</summary>
    public async Task<ProviderResult<Remains>> LookAsync(StepContext context, CancellationToken cancellation)
    {
        if (!(await dns.ListRecordsByCommentAsync(context.Job.DnsComment, cancellation)).IsSuccess(out var records, out var failure)) return failure;
        if (!(await LookForServerAsync(context, cancellation)).IsSuccess(out var server, out failure)) return failure;
        return server with { Records = records };
    }

    /// <summary>The server and what belongs to it, without the names.</summary>
    public async Task<ProviderResult<Remains>> LookForServerAsync(StepContext context, CancellationToken cancellation)
    {
        var cloud = clouds.Of(context.Job.Project);
        var labels = ServerLabels.OfJob(context.Job.Id);
        if (!(await cloud.ListServersAsync(labels, cancellation)).IsSuccess(out var servers, out var failure)) return failure;
        if (!(await cloud.ListVolumesAsync(labels, cancellation)).IsSuccess(out var volumes, out failure)) return failure;

        // Addresses carry no label of the job: they are known by the server that had them.
        var known = (await context.Journal.ResourcesAsync(cancellation)).Where(r => r.Kind == ResourceKind.Server).ToList();
        IReadOnlyList<CloudPrimaryIp> addresses = [];
        if (known.Exists(r => r.Ipv4 is not null || r.Ipv6 is not null) && !(await cloud.ListPrimaryIpsAsync(cancellation)).IsSuccess(out addresses!, out failure)) return failure;
        return new Remains([], servers, [.. addresses.Where(a => known.Exists(r => Belongs(a, r)))], volumes, known.Exists(r => r.MayStillTurnUp));
    }

    /// <summary>Asks for the removal of all of it that can be removed now. The actions that the provider runs for it are recorded, and wake the job when they end.</summary>
    public async Task<ProviderFailure?> RemoveAsync(StepContext context, Remains remains, CancellationToken cancellation)
    {
        await context.Journal.ConfirmLeaseAsync(cancellation);
        ProviderFailure? failure;
        if (remains.Records.Count > 0 && !(await dns.ApplyAsync(new([.. remains.Records.Select(r => r.Id)], [], []), cancellation)).IsSuccess(out _, out failure)) return failure;

        var cloud = clouds.Of(context.Job.Project);
        var actions = new List<CloudAction>();
        foreach (var server in remains.Servers.Where(s => s.Status != ServerStatus.Deleting && !s.Locked))
        {
            // Locked means that an action runs on it: it is looked at again.
            if (!(await cloud.DeleteServerAsync(server.Id, cancellation)).IsSuccess(out var action, out failure))
            {
                if (failure.Code == ErrorCodes.ResourceLocked) continue;
                return failure;
            }
            if (action is not null) actions.Add(action);
        }
        if (actions.Count > 0) await context.Journal.AwaitActionsAsync(context.Job.Project, actions, TimeSpan.FromSeconds(1), cancellation);

        // Addresses go with their server, but later, and volumes are let go by it; what does not go by itself is removed here.
        foreach (var address in remains.Addresses.Where(a => a.AssignedTo is null && !a.AutoDelete))
            if (!(await cloud.DeletePrimaryIpAsync(address.Id, cancellation)).IsSuccess(out _, out failure)) return failure;
        foreach (var volume in remains.Volumes.Where(v => v.Server is null))
            if (!(await cloud.DeleteVolumeAsync(volume.Id, cancellation)).IsSuccess(out _, out failure) && failure.Code != ErrorCodes.ResourceLocked) return failure;
        return null;
    }

    /// <summary>An address without a server is ours only while it waits for its own deletion, or by our label; anybody may have kept one.</summary>
    private static bool Belongs(CloudPrimaryIp address, Resource server) => address.AssignedTo is { } id
        ? id == server.ServerId
        : address.Address == server.Ipv4 && (address.AutoDelete || address.Labels.GetValueOrDefault(ServerLabels.ManagedBy) == ServerLabels.Wopr);
}

/// <summary>What of a job was found at the providers.</summary>
/// <param name="MayTurnUp">A server was asked for a moment ago and the answer was lost: it may still come to be.</param>
public sealed record Remains(
    IReadOnlyList<DnsRecord> Records,
    IReadOnlyList<CloudServer> Servers,
    IReadOnlyList<CloudPrimaryIp> Addresses,
    IReadOnlyList<CloudVolume> Volumes,
    bool MayTurnUp)
{
    public bool IsEmpty => Records.Count + Servers.Count + Addresses.Count + Volumes.Count == 0;

    /// <summary>In words, without ids: <c>1 server, 2 addresses, 4 DNS records</c>.</summary>
    public override string ToString()
    {
        var parts = new[]
        {
            Part(Servers.Count, "server", "servers"),
            Part(Addresses.Count, "address", "addresses"),
            Part(Volumes.Count, "volume", "volumes"),
            Part(Records.Count, "DNS record", "DNS records"),
        };
        return IsEmpty ? "nothing" : string.Join(", ", parts.OfType<string>());
    }

    private static string? Part(int count, string one, string many) => count == 0 ? null : $"{count} {(count == 1 ? one : many)}";
}
