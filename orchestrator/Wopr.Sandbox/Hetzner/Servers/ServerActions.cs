using Wopr.Sandbox.Hetzner.Actions;
using Wopr.Sandbox.Hetzner.Images;
using Wopr.Sandbox.Wire;

namespace Wopr.Sandbox.Hetzner.Servers;

/// <summary>POST /servers/{id}/actions/…: power, protection, rescue, rebuild and the rest of what a command line offers.</summary>
internal sealed class ServerActions(HetznerBooks books, Stock stock, ImageFinder images, Passwords passwords)
{
    private delegate Answer Effect(Call call, Server server);

    public void Map(RouteTable routes)
    {
        Map(routes, "poweron", (call, server) => Power(call, server, "start_server", "starting", "running"));
        Map(routes, "poweroff", (call, server) => Power(call, server, "stop_server", "stopping", "off"));
        Map(routes, "shutdown", (call, server) => Power(call, server, "shutdown_server", "stopping", "off"));
        Map(routes, "reboot", (call, server) => Power(call, server, "reboot_server", "starting", "running"));
        Map(routes, "reset", (call, server) => Power(call, server, "reset_server", "starting", "running"));
        Map(routes, "rebuild", Rebuild);
        Map(routes, "change_type", ChangeType);
        Map(routes, "change_protection", ChangeProtection, whileLocked: true);
        Map(routes, "change_dns_ptr", ChangePointer, whileLocked: true);
        Map(routes, "enable_rescue", EnableRescue);
        Map(routes, "disable_rescue", (call, server) => Run(call, server with { RescueEnabled = false }, "disable_rescue"));
        Map(routes, "enable_backup", (call, server) => Run(call, server with { BackupWindow = "22-02" }, "enable_backup"));
        Map(routes, "disable_backup", (call, server) => Run(call, server with { BackupWindow = null }, "disable_backup"));
        Map(routes, "reset_password", (call, server) => Run(call, server, "reset_password", action => new { root_password = passwords.Next(), action }));
        Map(routes, "request_console", (call, server) => Run(call, server, "request_console", action => new
        {
            wss_url = $"wss://console.invalid/?server_id={server.Id}",
            password = passwords.Next(),
            action,
        }));
        Map(routes, "create_image", CreateImage);
    }

    private void Map(RouteTable routes, string name, Effect effect, bool whileLocked = false) =>
        routes.Map("POST", $"/servers/{{id}}/actions/{name}", call =>
            books.Servers.Find(call.Id()) is not { } server || server.Project != call.Account ? Refusals.NotFound("server", call.Id())
            : server.IsLockedAt(call.Now) && !whileLocked ? Refusals.Locked("server")
            : effect(call, server));

    private Answer Power(Call call, Server server, string command, string meanwhile, string afterwards)
    {
        var was = server.StatusAt(call.Now);
        var action = Start(call, server, command);
        if (was != afterwards || command is "reboot_server" or "reset_server")
        {
            books.CutPower(server);
            server = server.Then(call.Now, new Phase(call.Now, meanwhile), new Phase(action.Finishes, action.Error is null ? afterwards : was));
        }

        return Done(call, server, action, view => new { action = view });
    }

    private Answer Rebuild(Call call, Server server)
    {
        var fields = new Fields(call.Body);
        var (image, userData) = (fields.IdOrName("image", required: true), fields.Text("user_data", max: CreateRequestReader.MaxUserData));
        if (fields.Refusal is { } refusal)
        {
            return refusal;
        }

        if (server.RebuildProtected)
        {
            return Refusals.Protected("server rebuild");
        }

        var (imageId, imageRefusal) = images.ForServer(call.Account, image!, books.Catalogue.ServerType(server.ServerType)!.Architecture);
        if (imageId is null)
        {
            return imageRefusal!;
        }

        var action = Start(call, server, "rebuild_server");
        books.WipeDisk(server);
        server = server.Then(call.Now, new Phase(call.Now, "rebuilding"), new Phase(action.Finishes, action.Error is null ? "running" : "off"))
            with
        { ImageId = imageId.Value, UserData = userData ?? server.UserData };
        return Done(call, server, action, view => new { action = view, root_password = passwords.Next() });
    }

    private Answer ChangeType(Call call, Server server)
    {
        var fields = new Fields(call.Body);
        var (wanted, upgradeDisk) = (fields.IdOrName("server_type", required: true), fields.Flag("upgrade_disk", otherwise: true));
        if (fields.Refusal is { } refusal)
        {
            return refusal;
        }

        if (server.StatusAt(call.Now) != "off")
        {
            return Refusals.Of(422, "server_not_stopped", "the action requires a stopped server");
        }

        var (type, _) = stock.Find(wanted!);
        var present = books.Catalogue.ServerType(server.ServerType)!;
        if (type is null || type.Name == present.Name || type.Architecture != present.Architecture || type.Disk < server.DiskSize)
        {
            return Refusals.Of(422, "invalid_server_type", "the server type does not fit for the given server or is deprecated");
        }

        if (stock.Place(type, books.Catalogue.Location(server.Location)!) is { } full)
        {
            return full;
        }

        var action = Start(call, server, "change_server_type");
        server = server.Then(call.Now, new Phase(call.Now, "migrating"), new Phase(action.Finishes, "off"));
        return Done(
            call,
            action.Error is not null ? server : server with { ServerType = type.Name, DiskSize = upgradeDisk ? type.Disk : server.DiskSize },
            action,
            view => new { action = view });
    }

    private Answer ChangeProtection(Call call, Server server)
    {
        var fields = new Fields(call.Body);
        var (delete, rebuild) = (fields.Flag("delete", server.DeleteProtected), fields.Flag("rebuild", server.RebuildProtected));
        return fields.Refusal ?? Run(call, server with { DeleteProtected = delete, RebuildProtected = rebuild }, "change_protection");
    }

    private Answer ChangePointer(Call call, Server server)
    {
        var fields = new Fields(call.Body);
        var (address, pointer) = (fields.Text("ip", required: true), fields.Text("dns_ptr"));
        var ip = new[] { books.Ip(server.Ipv4Id), books.Ip(server.Ipv6Id) }.FirstOrDefault(ip => address is not null && ip?.Holds(address) == true);
        if (fields.Refusal is not null || ip is null)
        {
            return fields.Refusal ?? Refusals.InvalidField("ip", "is not an address of this server");
        }

        books.Put(ip.WithPointer(address!, pointer));
        return Run(call, server, "change_dns_ptr");
    }

    private Answer EnableRescue(Call call, Server server) =>
        Run(call, server with { RescueEnabled = true }, "enable_rescue", action => new { root_password = passwords.Next(), action });

    private Answer CreateImage(Call call, Server server)
    {
        var fields = new Fields(call.Body);
        var (description, type, labels) = (fields.Text("description"), fields.Text("type") ?? "snapshot", fields.Labels());
        if (type is not "snapshot" and not "backup")
        {
            fields.Refuse("type", "must be snapshot or backup");
        }

        if (fields.Refusal is { } refusal)
        {
            return refusal;
        }

        var system = books.Snapshots.Find(server.ImageId)?.SystemImageId ?? server.ImageId;
        var id = books.NextId();
        var action = books.StartAction(call.Account, "create_image", call.Now, books.Pace.Other, [new("server", server.Id), new("image", id)]);
        var snapshot = new Snapshot(
            id, call.Account, "", call.Now, description ?? $"snapshot of {server.Name}", type, server.Id, server.Name, server.DiskSize, system,
            labels ?? Labels.None, action.Finishes);
        books.Snapshots.Put(snapshot);
        var image = snapshot.View(books.Catalogue.Images.First(image => image.Id == system), call.Now);
        return Done(call, server, action, view => new { image, action = view });
    }

    private Answer Run(Call call, Server server, string command, Func<object, object>? body = null) =>
        Done(call, server, Start(call, server, command), body ?? (action => new { action }));

    private CloudAction Start(Call call, Server server, string command) =>
        books.StartAction(call.Account, command, call.Now, books.Pace.Other, [new ResourceRef("server", server.Id)]);

    private Answer Done(Call call, Server server, CloudAction action, Func<object, object> body)
    {
        books.Put(server with { LockedUntil = action.Finishes > server.LockedUntil ? action.Finishes : server.LockedUntil });
        return new(201, body(action.View(call.Now)));
    }
}
