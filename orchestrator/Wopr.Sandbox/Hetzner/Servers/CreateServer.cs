using Wopr.Sandbox.Hetzner.Actions;
using Wopr.Sandbox.Hetzner.Firewalls;
using Wopr.Sandbox.Hetzner.PrimaryIps;
using Wopr.Sandbox.Misbehaviour;
using Wopr.Sandbox.Wire;

namespace Wopr.Sandbox.Hetzner.Servers;

/// <summary>POST /servers: everything is checked before anything is made, then all of it is made in one transaction.</summary>
internal sealed class CreateServer(HetznerBooks books, ServerView view, Stock stock, CreateRequestReader reader, Rulebook rules, Passwords passwords)
{
    private const string Provider = "hetzner";

    public void Map(RouteTable routes) => routes.Map("POST", "/servers", Create);

    private Answer Create(Call call)
    {
        ForeignServerFirst(call);
        var (request, refusal) = reader.Read(call);
        if (request is null)
        {
            return refusal!;
        }

        var id = books.NextId();
        var me = new ResourceRef("server", id);
        var create = books.StartAction(call.Account, "create_server", call.Now, books.Pace.CreateServer, [me, new("image", request.ImageId)]);
        var start = request.Start
            ? books.StartAction(call.Account, "start_server", call.Now, books.Pace.StartServer, [me], after: create)
            : null;
        var attach = request.Volumes
            .Select(volume => books.StartAction(call.Account, "attach_volume", call.Now, books.Pace.Other, [me, volume.Ref], after: create))
            .ToList();
        List<CloudAction> next = [.. start is null ? [] : new[] { start }, .. attach];

        var slow = rules.Strike(Kind.SlowBoot, Provider);
        var server = new Server
        {
            Id = id,
            Project = call.Account,
            Name = request.Name,
            Created = call.Now,
            ServerType = request.Type.Name,
            Location = request.Location.Name,
            ImageId = request.ImageId,
            Labels = request.Labels,
            UserData = request.UserData,
            DiskSize = request.Type.Disk,
            Phases = Future(call.Now, create, start),
            LockedUntil = next.Append(create).Max(action => action.Finishes),
            Ipv4Id = request.Ipv4?.Id ?? (request.EnableIpv4 ? NewIp(call, request, "ipv4", id).Id : null),
            Ipv6Id = request.Ipv6?.Id ?? (request.EnableIpv6 ? NewIp(call, request, "ipv6", id).Id : null),
            Boots = rules.Strike(Kind.NoBoot, Provider) is null,
            BootDelay = TimeSpan.FromMilliseconds(slow?.Ms ?? 0),
        };
        books.Put(server);
        Attach(request, id);
        return new(201, new
        {
            server = view.Of(server, call.Now),
            action = create.View(call.Now),
            next_actions = next.Select(action => action.View(call.Now)),
            root_password = request.HasSshKeys ? null : passwords.Next(),
        });
    }

    private List<Phase> Future(DateTimeOffset now, CloudAction create, CloudAction? start)
    {
        List<Phase> phases = [new(now, "initializing")];
        if (create.Error is not null || start is null)
        {
            return [.. phases, new(create.Finishes, "off")];
        }

        phases.Add(new(create.Finishes, "starting"));
        var stuck = rules.Strike(Kind.NeverRunning, Provider);
        return [.. phases, new(start.Finishes, stuck is not null ? stuck.ServerStatus ?? "starting" : start.Error is not null ? "off" : "running")];
    }

    private PrimaryIp NewIp(Call call, CreateRequest request, string type, long server)
    {
        var id = books.NextId();
        var ip = new PrimaryIp(
            id,
            call.Account,
            $"primary_ip-{id}",
            call.Now,
            type,
            type == "ipv4" ? books.NextIpv4() : books.NextIpv6(),
            request.Location.Name,
            server,
            AutoDelete: true,
            Labels.None,
            Labels.None);
        books.Put(ip);
        return ip;
    }

    private void Attach(CreateRequest request, long server)
    {
        foreach (var ip in new[] { request.Ipv4, request.Ipv6 }.OfType<PrimaryIp>())
        {
            books.Put(ip with { AssigneeId = server });
        }

        foreach (var volume in request.Volumes)
        {
            books.Volumes.Put(volume with { ServerId = server });
        }

        foreach (var firewall in request.Firewalls)
        {
            books.Firewalls.Put(firewall with { Targets = [.. firewall.Targets, new FirewallTarget(server, null)] });
        }
    }

    /// <summary>Scripted: someone else's server of the wanted name is there already.</summary>
    private void ForeignServerFirst(Call call)
    {
        if (call.Body["name"]?.ToString() is { } name
            && !books.ServersByName[(call.Account, name)].Any()
            && rules.Strike(Kind.Clash, Provider, fits: rule => rule.Names is null || rule.Names.Contains(name, StringComparer.Ordinal)) is not null)
        {
            books.Put(new Server
            {
                Id = books.NextId(),
                Project = call.Account,
                Name = name,
                Created = call.Now,
                ServerType = stock.ServerTypes.First().Name,
                Location = stock.ServerTypes.First().MonthlyNet.Keys.First(),
                ImageId = books.Catalogue.Images[0].Id,
                Labels = new Dictionary<string, string>(StringComparer.Ordinal) { ["owner"] = "someone-else" },
                Phases = [new(call.Now, "running")],
                Boots = false,
            });
            books.Ledger.Commit();
        }
    }
}
