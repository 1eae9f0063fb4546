using Wopr.Sandbox.Hetzner.Servers;
using Wopr.Sandbox.Wire;

namespace Wopr.Sandbox.Hetzner.PrimaryIps;

/// <summary>/primary_ips. Each server brings its own; they can also be made, kept and moved by hand.</summary>
internal sealed class PrimaryIpRoutes(HetznerBooks books, Stock stock)
{
    public void Map(RouteTable routes)
    {
        routes.Map("GET", "/primary_ips", call => Listing.Resources(
            call,
            "primary_ips",
            books.PrimaryIps.All.Where(ip => call.Asked("ip") is not { } address || ip.Address == address || ip.Holds(address)),
            View));
        routes.Map("POST", "/primary_ips", Create);
        routes.Map("GET", "/primary_ips/{id}", call => With(call, ip => new(200, new { primary_ip = View(ip) })));
        routes.Map("PUT", "/primary_ips/{id}", call => With(call, ip => Update(call, ip)));
        routes.Map("DELETE", "/primary_ips/{id}", call => With(call, Delete));
        routes.Map("POST", "/primary_ips/{id}/actions/assign", call => With(call, ip => Assign(call, ip)));
        routes.Map("POST", "/primary_ips/{id}/actions/unassign", call => With(call, ip => Unassign(call, ip)));
        routes.Map("POST", "/primary_ips/{id}/actions/change_dns_ptr", call => With(call, ip => ChangePointer(call, ip)));
        routes.Map("POST", "/primary_ips/{id}/actions/change_protection", call => With(call, ip => ChangeProtection(call, ip)));
    }

    private Answer Create(Call call)
    {
        var fields = new Fields(call.Body);
        var (name, type, labels) = (fields.Name(required: true), fields.Text("type", required: true), fields.Labels());
        var (locationName, assignee) = (fields.IdOrName("location"), fields.Number("assignee_id"));
        var autoDelete = fields.Flag("auto_delete", otherwise: false);
        var server = assignee is { } id && books.Servers.Find(id) is { } found && found.Project == call.Account ? found : null;
        var location = books.Catalogue.Location(server?.Location ?? locationName ?? "");
        if (type is not null and not "ipv4" and not "ipv6")
        {
            fields.Refuse("type", "must be ipv4 or ipv6");
        }

        if (location is null && assignee is null)
        {
            fields.Refuse("location", "location not found");
        }

        if (fields.Refusal is { } refusal)
        {
            return refusal;
        }

        if (assignee is not null && server is null)
        {
            return Refusals.NotFound("server", assignee.Value);
        }

        var refused = NameRefusal(call, name!, 0)
            ?? (server is null ? null : AssignRefusal(call, type!, server))
            ?? stock.Limit("primary_ip_limit", () => books.PrimaryIps.All.Count(ip => ip.Project == call.Account));
        if (refused is not null)
        {
            return refused;
        }

        var made = new PrimaryIp(
            books.NextId(), call.Account, name!, call.Now, type!, type == "ipv4" ? books.NextIpv4() : books.NextIpv6(),
            location!.Name, null, autoDelete, labels ?? Labels.None, Labels.None);
        books.Put(made);
        return new(201, server is null
            ? new { primary_ip = View(made), action = (object?)null }
            : new { primary_ip = View(made with { AssigneeId = server.Id }), action = (object?)Attach(call, made, server) });
    }

    private Answer Update(Call call, PrimaryIp ip)
    {
        var fields = new Fields(call.Body);
        var (name, labels, autoDelete) = (fields.Name(required: false), fields.Labels(), fields.Flag("auto_delete", ip.AutoDelete));
        if ((fields.Refusal ?? (name is null ? null : NameRefusal(call, name, ip.Id))) is { } refusal)
        {
            return refusal;
        }

        ip = ip with { Name = name ?? ip.Name, Labels = labels ?? ip.Labels, AutoDelete = autoDelete };
        books.Put(ip);
        return new(200, new { primary_ip = View(ip) });
    }

    private Answer Delete(PrimaryIp ip)
    {
        if (ip.DeleteProtected)
        {
            return Refusals.Protected("primary IP deletion");
        }

        if (ip.AssigneeId is not null)
        {
            return Refusals.Of(422, "must_be_unassigned", "primary IP must be unassigned");
        }

        books.PrimaryIps.Remove(ip.Id);
        return new(204, null);
    }

    private Answer Assign(Call call, PrimaryIp ip)
    {
        var fields = new Fields(call.Body);
        var (type, id) = (fields.Text("assignee_type", required: true), fields.Number("assignee_id", required: true));
        if (type is not null and not "server")
        {
            fields.Refuse("assignee_type", "must be server");
        }

        if (fields.Refusal is { } refusal)
        {
            return refusal;
        }

        if (books.Servers.Find(id!.Value) is not { } server || server.Project != call.Account)
        {
            return Refusals.NotFound("server", id.Value);
        }

        var refused = ip.AssigneeId is not null ? Refusals.Of(422, "primary_ip_already_assigned", "primary IP is already assigned to a different server")
            : ip.Location != server.Location ? Refusals.Invalid("primary IP and server are in different locations")
            : AssignRefusal(call, ip.Type, server);
        return refused ?? new(201, new { action = Attach(call, ip, server) });
    }

    private Answer Unassign(Call call, PrimaryIp ip)
    {
        if (ip.AssigneeId is not { } id || books.Servers.Find(id) is not { } server)
        {
            return Refusals.Invalid("primary IP is not assigned");
        }

        if (server.StatusAt(call.Now) != "off")
        {
            return Refusals.Of(422, "server_not_stopped", "the server is running, but needs to be powered off");
        }

        var action = books.StartAction(call.Account, "unassign_primary_ip", call.Now, books.Pace.Other, [ip.Ref, new("server", id)]);
        books.Put(ip with { AssigneeId = null });
        books.Put((ip.Type == "ipv4" ? server with { Ipv4Id = null } : server with { Ipv6Id = null }) with { LockedUntil = action.Finishes });
        return new(201, new { action = action.View(call.Now) });
    }

    private Answer ChangePointer(Call call, PrimaryIp ip)
    {
        var fields = new Fields(call.Body);
        var (address, pointer) = (fields.Text("ip", required: true), fields.Text("dns_ptr"));
        if (address is not null && !ip.Holds(address))
        {
            fields.Refuse("ip", "does not belong to this primary IP");
        }

        return fields.Refusal ?? Run(call, ip.WithPointer(address!, pointer), "change_dns_ptr");
    }

    private Answer ChangeProtection(Call call, PrimaryIp ip)
    {
        var fields = new Fields(call.Body);
        var delete = fields.Flag("delete", ip.DeleteProtected);
        return fields.Refusal ?? Run(call, ip with { DeleteProtected = delete }, "change_protection");
    }

    private Answer Run(Call call, PrimaryIp ip, string command)
    {
        books.Put(ip);
        return new(201, new { action = books.StartAction(call.Account, command, call.Now, books.Pace.Other, [ip.Ref]).View(call.Now) });
    }

    private object Attach(Call call, PrimaryIp ip, Server server)
    {
        var action = books.StartAction(call.Account, "assign_primary_ip", call.Now, books.Pace.Other, [ip.Ref, new("server", server.Id)]);
        books.Put(ip with { AssigneeId = server.Id });
        books.Put((ip.Type == "ipv4" ? server with { Ipv4Id = ip.Id } : server with { Ipv6Id = ip.Id }) with { LockedUntil = action.Finishes });
        return action.View(call.Now);
    }

    private static Answer? AssignRefusal(Call call, string type, Server server) =>
        (type == "ipv4" ? server.Ipv4Id : server.Ipv6Id) is not null ? Refusals.Of(422, $"server_has_{type}", $"the server already has an {type} address")
        : server.StatusAt(call.Now) != "off" ? Refusals.Of(422, "server_not_stopped", "the server is running, but needs to be powered off")
        : server.IsLockedAt(call.Now) ? Refusals.Locked("server")
        : null;

    private Answer? NameRefusal(Call call, string name, long self) =>
        books.PrimaryIps.All.Any(other => other.Project == call.Account && other.Name == name && other.Id != self)
            ? Refusals.NotUnique("primary IP name is already used", "name")
            : null;

    private Answer With(Call call, Func<PrimaryIp, Answer> then) =>
        books.PrimaryIps.Find(call.Id()) is { } ip && ip.Project == call.Account ? then(ip) : Refusals.NotFound("primary IP", call.Id());

    private object View(PrimaryIp ip) => ip.View(books.Catalogue);
}
