using System.Net;
using Wopr.Sandbox.Hetzner.Actions;
using Wopr.Sandbox.Wire;

namespace Wopr.Sandbox.Hetzner.PrimaryIps;

/// <param name="Type"><c>ipv4</c> or <c>ipv6</c>.</param>
/// <param name="Address">An IPv4 address, or an IPv6 /64 network.</param>
/// <param name="GoneAt">When it follows its deleted server.</param>
public sealed record PrimaryIp(
    long Id,
    string Project,
    string Name,
    DateTimeOffset Created,
    string Type,
    string Address,
    string Location,
    long? AssigneeId,
    bool AutoDelete,
    IReadOnlyDictionary<string, string> Labels,
    IReadOnlyDictionary<string, string> Pointers,
    bool DeleteProtected = false,
    DateTimeOffset? GoneAt = null) : IResource
{
    public ResourceRef Ref => new("primary_ip", Id);

    /// <summary>The address a machine answers at: of a network, its first host.</summary>
    public string HostAddress => Type == "ipv4" ? Address : Address.Replace("::/64", "::1", StringComparison.Ordinal);

    /// <summary>The name that an IPv4 address has before anyone gives it one.</summary>
    public string DefaultPointer => $"static.{string.Join('.', Address.Split('.').Reverse())}.clients.your-server.de";

    public bool Holds(string address) => Type == "ipv4"
        ? address == Address
        : IPAddress.TryParse(address, out var ip) && IPNetwork.Parse(Address).Contains(ip);

    /// <summary>With a reverse name for one address, or with the usual one again.</summary>
    public PrimaryIp WithPointer(string address, string? name)
    {
        var pointers = Pointers.Where(pointer => pointer.Key != address).ToDictionary(StringComparer.Ordinal);
        if (name is not null)
        {
            pointers[address] = name;
        }

        return this with { Pointers = pointers };
    }

    public object View(Catalogue catalogue) => new
    {
        id = Id,
        name = Name,
        labels = Labels,
        created = WireJson.Seconds(Created),
        blocked = false,
        location = catalogue.Location(Location)!.View(),
        ip = Address,
        dns_ptr = PointerViews(),
        protection = new { delete = DeleteProtected },
        type = Type,
        auto_delete = AutoDelete,
        assignee_type = "server",
        assignee_id = AssigneeId,
    };

    public IEnumerable<object> PointerViews() => Type == "ipv4"
        ? [new { ip = Address, dns_ptr = Pointers.GetValueOrDefault(Address, DefaultPointer) }]
        : Pointers.Select(pointer => new { ip = pointer.Key, dns_ptr = pointer.Value });
}
