using Wopr.Provisioning;
using Wopr.Provisioning.Ports;

namespace Wopr.Sweep;

/// <summary>
/// Everything of ours at the providers, as one look found it. A null list could not be looked at. The SSH key that carries
/// our label is not among it: all servers share it, it costs nothing, and no job leaves one behind. The shared firewall is,
/// so that others with our label are found.
/// </summary>
public sealed record Inventory(
    IReadOnlyList<CloudServer>? Servers,
    IReadOnlyList<CloudPrimaryIp>? PrimaryIps,
    IReadOnlyList<CloudVolume>? Volumes,
    IReadOnlyList<CloudFirewall>? Firewalls,
    IReadOnlyList<DnsRecord>? Records,
    IReadOnlyList<ProviderFailure> Failures);

/// <summary>Looks at both providers: five calls while everything fits on one page.</summary>
public sealed class InventoryReader(ICloudProvider cloud, ICloudInventory more, IDnsInventory dns)
{
    private static readonly IReadOnlyDictionary<string, string> OurLabel =
        new Dictionary<string, string>(StringComparer.Ordinal) { [ServerLabels.ManagedBy] = ServerLabels.Wopr };

    public async Task<Inventory> ReadAsync(CancellationToken cancellation)
    {
        var failures = new List<ProviderFailure>();
        var servers = Keep(await cloud.ListServersAsync(OurLabel, cancellation), failures);
        var addresses = Keep(await cloud.ListPrimaryIpsAsync(cancellation), failures);
        var volumes = Keep(await more.ListVolumesAsync(OurLabel, cancellation), failures);
        var firewalls = Keep(await more.ListFirewallsAsync(OurLabel, cancellation), failures);
        var records = Keep(await dns.ListRecordsByCommentStartAsync(Job.DnsCommentStart, cancellation), failures);
        return new Inventory(servers, addresses?.Where(a => IsOurs(a.Labels)).ToList(), volumes, firewalls, records, failures);
    }

    public static bool IsOurs(IReadOnlyDictionary<string, string> labels) => labels.GetValueOrDefault(ServerLabels.ManagedBy) == ServerLabels.Wopr;

    private static IReadOnlyList<T>? Keep<T>(ProviderResult<IReadOnlyList<T>> result, List<ProviderFailure> failures)
    {
        if (result.IsSuccess(out var list, out var failure)) return list;
        failures.Add(failure);
        return null;
    }
}
