using System.Globalization;
using Wopr.Sandbox.Hetzner.Firewalls;
using Wopr.Sandbox.Hetzner.Images;
using Wopr.Sandbox.Hetzner.PrimaryIps;
using Wopr.Sandbox.Hetzner.Volumes;
using Wopr.Sandbox.Wire;

namespace Wopr.Sandbox.Hetzner.Servers;

/// <summary>An order for a server that can be carried out.</summary>
internal sealed record CreateRequest(
    string Name,
    ServerType Type,
    Location Location,
    long ImageId,
    IReadOnlyDictionary<string, string> Labels,
    string UserData,
    bool Start,
    bool HasSshKeys,
    bool EnableIpv4,
    bool EnableIpv6,
    PrimaryIp? Ipv4,
    PrimaryIp? Ipv6,
    IReadOnlyList<Volume> Volumes,
    IReadOnlyList<Firewall> Firewalls);

/// <summary>Checks an order: first its fields, then names, what they refer to, limits, and at last the stock.</summary>
internal sealed class CreateRequestReader(HetznerBooks books, Stock stock, ImageFinder images)
{
    /// <summary>The provider's limit, in characters.</summary>
    public const int MaxUserData = 32768;

    public (CreateRequest? Request, Answer? Refusal) Read(Call call)
    {
        var fields = new Fields(call.Body);
        var name = fields.HostName(required: true);
        var typeName = fields.IdOrName("server_type", required: true);
        var imageName = fields.IdOrName("image", required: true);
        var locationName = fields.IdOrName("location");
        var userData = fields.Text("user_data", max: MaxUserData) ?? "";
        var labels = fields.Labels() ?? Hetzner.Labels.None;
        var keys = fields.IdsOrNames("ssh_keys");
        var volumeIds = fields.Numbers("volumes");
        var firewallIds = fields.Objects("firewalls").Select(item => new Fields(item).Number("firewall") ?? 0).ToList();
        var start = fields.Flag("start_after_create", otherwise: true);
        var net = fields.Object("public_net");
        var (ipv4, ipv6) = (net?.Flag("enable_ipv4", otherwise: true) ?? true, net?.Flag("enable_ipv6", otherwise: true) ?? true);
        var (ipv4Id, ipv6Id) = (net?.Number("ipv4"), net?.Number("ipv6"));
        CheckReferences(call, fields, keys, volumeIds, firewallIds);
        if (fields.Numbers("networks").Count > 0)
        {
            fields.Refuse("networks", "network not found");
        }

        if ((fields.Refusal ?? net?.Refusal) is { } refusal)
        {
            return (null, refusal);
        }

        if (books.ServersByName[(call.Account, name!)].Any())
        {
            return (null, Refusals.NotUnique("server name is already used"));
        }

        var (type, typeRefusal) = stock.Find(typeName!);
        if (type is null)
        {
            return (null, typeRefusal);
        }

        var (location, locationRefusal) = FindLocation(locationName, type);
        if (location is null)
        {
            return (null, locationRefusal);
        }

        var (imageId, imageRefusal) = images.ForServer(call.Account, imageName!, type.Architecture);
        if (imageId is null)
        {
            return (null, imageRefusal);
        }

        var (given4, given6) = (books.Ip(ipv4Id), books.Ip(ipv6Id));
        var trouble = CheckIp(call, ipv4Id, given4, "ipv4", location)
            ?? CheckIp(call, ipv6Id, given6, "ipv6", location)
            ?? CheckLimits(call, (ipv4 && given4 is null ? 1 : 0) + (ipv6 && given6 is null ? 1 : 0))
            ?? stock.Place(type, location);
        return trouble is not null ? (null, trouble) : (new CreateRequest(
            name!, type, location, imageId.Value, labels, userData, start, keys.Count > 0, ipv4, ipv6, given4, given6,
            [.. volumeIds.Select(id => books.Volumes.Find(id)!)],
            [.. firewallIds.Distinct().Select(id => books.Firewalls.Find(id)!)]), null);
    }

    private void CheckReferences(Call call, Fields fields, IReadOnlyList<string> keys, IReadOnlyList<long> volumes, List<long> firewalls)
    {
        foreach (var key in keys.Where(key => !books.SshKeys.All.Any(known =>
            known.Project == call.Account && (known.Name == key || known.Id.ToString(CultureInfo.InvariantCulture) == key))))
        {
            fields.Refuse("ssh_keys", $"SSH key '{key}' not found");
        }

        foreach (var id in volumes.Where(id => books.Volumes.Find(id) is not { ServerId: null } volume || volume.Project != call.Account))
        {
            fields.Refuse("volumes", $"volume '{id}' not found or attached already");
        }

        foreach (var id in firewalls.Where(id => books.Firewalls.Find(id)?.Project != call.Account))
        {
            fields.Refuse("firewalls", $"firewall '{id}' not found");
        }
    }

    private (Location? Location, Answer? Refusal) FindLocation(string? wanted, ServerType type)
    {
        var location = books.Catalogue.Location(wanted ?? type.MonthlyNet.Keys.First());
        return location is null ? (null, Refusals.InvalidField("location", $"location '{wanted}' not found")) : (location, null);
    }

    private static Answer? CheckIp(Call call, long? id, PrimaryIp? ip, string type, Location location) =>
        id is null ? null
        : ip is null || ip.Project != call.Account ? Refusals.NotFound("primary IP", id.Value)
        : ip.Type != type ? Refusals.Of(412, "primary_ip_version_mismatch", "primary IP has the wrong IP version")
        : ip.AssigneeId is not null ? Refusals.Of(422, "primary_ip_assigned", "primary IP is already assigned to a server")
        : ip.Location != location.Name ? Refusals.Of(422, "primary_ip_datacenter_mismatch", "primary IP is in a different location")
        : null;

    private Answer? CheckLimits(Call call, int newIps) =>
        stock.Limit("server_limit", () => books.Servers.All.Count(server => server.Project == call.Account))
        ?? (newIps == 0 ? null : stock.Limit("primary_ip_limit", () => books.PrimaryIps.All.Count(ip => ip.Project == call.Account) + newIps - 1));
}
