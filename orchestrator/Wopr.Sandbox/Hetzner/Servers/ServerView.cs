using Wopr.Sandbox.Hetzner.PrimaryIps;
using Wopr.Sandbox.Wire;

namespace Wopr.Sandbox.Hetzner.Servers;

/// <summary>A server as it stands on the wire.</summary>
internal sealed class ServerView(HetznerBooks books, Stock stock)
{
    public object Of(Server server, DateTimeOffset now)
    {
        var location = books.Catalogue.Location(server.Location)!;
        return new
        {
            id = server.Id,
            name = server.Name,
            status = server.StatusAt(now),
            created = WireJson.Seconds(server.Created),
            public_net = new
            {
                ipv4 = Ipv4(books.Ip(server.Ipv4Id)),
                ipv6 = Ipv6(books.Ip(server.Ipv6Id)),
                floating_ips = Array.Empty<long>(),
                firewalls = books.Firewalls.All.Where(firewall => firewall.Covers(server)).Select(firewall => new { id = firewall.Id, status = "applied" }),
            },
            private_net = Array.Empty<object>(),
            server_type = stock.View(books.Catalogue.ServerType(server.ServerType)!),
            location = location.View(),
            image = Image(server, now),
            iso = (object?)null,
            rescue_enabled = server.RescueEnabled,
            locked = server.IsLockedAt(now),
            backup_window = server.BackupWindow,
            outgoing_traffic = 0,
            ingoing_traffic = 0,
            included_traffic = ServerType.IncludedTraffic(location),
            protection = new { delete = server.DeleteProtected, rebuild = server.RebuildProtected },
            labels = server.Labels,
            volumes = books.VolumesByServer[server.Id].Select(volume => volume.Id),
            load_balancers = Array.Empty<long>(),
            primary_disk_size = server.DiskSize,
            placement_group = (object?)null,
        };
    }

    private object? Image(Server server, DateTimeOffset now) =>
        books.Snapshots.Find(server.ImageId) is { } snapshot
            ? snapshot.View(books.Catalogue.Images.First(image => image.Id == snapshot.SystemImageId), now)
            : books.Catalogue.Images.FirstOrDefault(image => image.Id == server.ImageId)?.View();

    private static object? Ipv4(PrimaryIp? ip) => ip is null ? null : new
    {
        id = ip.Id,
        ip = ip.Address,
        blocked = false,
        dns_ptr = ip.Pointers.GetValueOrDefault(ip.Address, ip.DefaultPointer),
    };

    private static object? Ipv6(PrimaryIp? ip) => ip is null ? null : new
    {
        id = ip.Id,
        ip = ip.Address,
        blocked = false,
        dns_ptr = ip.PointerViews(),
    };
}
