using Wopr.Sandbox.Cloudflare;
using Wopr.Sandbox.Hetzner;

namespace Wopr.Sandbox.Boot;

/// <summary>Finds the machine behind a host name the way a browser would: the name's A record, then whoever holds that address.</summary>
public sealed class Internet(CloudflareBooks dns, HetznerBooks cloud, TimeProvider time) : IInternet
{
    private const int MaxAliases = 8;

    public Machine? Resolve(string host) => AddressOf(host.TrimEnd('.').ToLowerInvariant()) is { } address ? MachineAt(address) : null;

    private string? AddressOf(string host)
    {
        lock (dns.Gate)
        {
            for (var hop = 0; hop < MaxAliases; hop++)
            {
                var found = RecordsOf(host);
                if (found.Find(record => record.Type == "A") is { } a)
                {
                    return a.Content;
                }

                if (found.Find(record => record.Type == "CNAME") is not { } alias)
                {
                    return null;
                }

                host = alias.Content;
            }

            return null;
        }
    }

    /// <summary>A name that exists hides the wildcard above it, whatever its type.</summary>
    private List<DnsRecord> RecordsOf(string host)
    {
        if (dns.Zones.FirstOrDefault(zone => RecordName.IsIn(host, zone.Name)) is not { } zone)
        {
            return [];
        }

        for (var name = host; RecordName.IsIn(name, zone.Name); name = Parent(name))
        {
            var found = dns.ByName[(zone.Id, name)].ToList();
            if (name == host && found.Count > 0)
            {
                return found;
            }

            var wildcard = dns.ByName[(zone.Id, "*." + Parent(name))].ToList();
            if (name != zone.Name && wildcard.Count > 0)
            {
                return wildcard;
            }
        }

        return [];
    }

    private Machine? MachineAt(string address)
    {
        var now = time.GetUtcNow();
        lock (cloud.Gate)
        {
            return cloud.IpsByAddress[address].FirstOrDefault()?.AssigneeId is { } id
                && cloud.Servers.Find(id) is { } server && server.HasPowerAt(now)
                ? cloud.MachineOf(server)
                : null;
        }
    }

    private static string Parent(string name) => name.IndexOf('.', StringComparison.Ordinal) is var dot and >= 0 ? name[(dot + 1)..] : "";
}
