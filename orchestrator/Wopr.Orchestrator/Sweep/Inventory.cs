using Wopr.Provisioning;
using Wopr.Provisioning.Ports;

namespace Wopr.Sweep;

/// <summary>
/// Everything of ours in one project, or in the zone, as one look found it. A null list was not, or could not be, looked at.
/// The SSH key that carries our label is not among it: all servers share it, it costs nothing, and no job leaves one behind. The shared firewall is,
/// so that others with our label are found.
/// </summary>
/// <param name="Project">Null for the zone.</param>
public sealed record Inventory(
    ProjectName? Project,
    IReadOnlyList<CloudServer>? Servers,
    IReadOnlyList<CloudPrimaryIp>? PrimaryIps,
    IReadOnlyList<CloudVolume>? Volumes,
    IReadOnlyList<CloudFirewall>? Firewalls,
    IReadOnlyList<DnsRecord>? Records,
    IReadOnlyList<ProviderFailure> Failures);

/// <summary>Looks at both providers: four calls for a project and one for the zone, while everything fits on one page.</summary>
public sealed class InventoryReader(IClouds clouds, IDnsInventory dns)
{
    private static readonly IReadOnlyDictionary<string, string> OurLabel =
        new Dictionary<string, string>(StringComparer.Ordinal) { [ServerLabels.ManagedBy] = ServerLabels.Wopr };

    public async Task<Inventory> ReadAsync(ProjectName project, CancellationToken cancellation)
    {
        var cloud = clouds.Of(project);
        var failures = new List<ProviderFailure>();
        var servers = Keep(await cloud.ListServersAsync(OurLabel, cancellation), failures);
        var addresses = Keep(await cloud.ListPrimaryIpsAsync(cancellation), failures);
        var volumes = Keep(await cloud.ListVolumesAsync(OurLabel, cancellation), failures);
        var firewalls = Keep(await cloud.ListFirewallsAsync(OurLabel, cancellation), failures);
        return new Inventory(project, servers, addresses?.Where(a => IsOurs(a.Labels)).ToList(), volumes, firewalls, Records: null, failures);
    }

    public async Task<Inventory> ReadZoneAsync(CancellationToken cancellation)
    {
        var failures = new List<ProviderFailure>();
        var records = Keep(await dns.ListRecordsByCommentStartAsync(Job.DnsCommentStart, cancellation), failures);
        return new Inventory(Project: null, Servers: null, PrimaryIps: null, Volumes: null, Firewalls: null, records, failures);
    }

    public static bool IsOurs(IReadOnlyDictionary<string, string> labels) => labels.GetValueOrDefault(ServerLabels.ManagedBy) == ServerLabels.Wopr;

    private static IReadOnlyList<T>? Keep<T>(ProviderResult<IReadOnlyList<T>> result, List<ProviderFailure> failures)
    {
        if (result.IsSuccess(out var list, out var failure)) return list;
        failures.Add(failure);
        return null;
    }
}
