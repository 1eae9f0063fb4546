using Wopr.Sandbox.Books;
using Wopr.Sandbox.Boot;
using Wopr.Sandbox.Hetzner.Actions;
using Wopr.Sandbox.Hetzner.Firewalls;
using Wopr.Sandbox.Hetzner.Images;
using Wopr.Sandbox.Hetzner.PrimaryIps;
using Wopr.Sandbox.Hetzner.Servers;
using Wopr.Sandbox.Hetzner.SshKeys;
using Wopr.Sandbox.Hetzner.Volumes;
using Wopr.Sandbox.Misbehaviour;

namespace Wopr.Sandbox.Hetzner;

/// <summary>
/// Everything this provider remembers. Whoever reads or writes holds <see cref="Gate"/>; whoever writes ends with
/// <see cref="Ledger.Commit"/> or <see cref="Ledger.Rollback"/>.
/// </summary>
public sealed class HetznerBooks
{
    private readonly PriorityQueue<Action<DateTimeOffset>, DateTimeOffset> due = new();
    private readonly MachineRoom machines;
    private readonly Rulebook rules;
    private readonly Table<string, Counter> counters;

    public HetznerBooks(Ledger ledger, Catalogue catalogue, Pace pace, Rulebook rules, MachineRoom machines)
    {
        (Ledger, Catalogue, Pace, this.rules, this.machines) = (ledger, catalogue, pace, rules, machines);
        counters = new(ledger, "counter", counter => counter.Name);
        Servers = new(ledger, "server", server => server.Id);
        Actions = new(ledger, "action", action => action.Id);
        SshKeys = new(ledger, "ssh_key", key => key.Id);
        Firewalls = new(ledger, "firewall", firewall => firewall.Id);
        PrimaryIps = new(ledger, "primary_ip", ip => ip.Id);
        Volumes = new(ledger, "volume", volume => volume.Id);
        Snapshots = new(ledger, "image", image => image.Id);
        ServersByName = Servers.Index(server => new[] { (server.Project, server.Name) });
        ActionsByResource = Actions.Index(action => action.Resources.Distinct());
        IpsByAddress = PrimaryIps.Index(ip => new[] { ip.Address });
        VolumesByServer = Volumes.Index(volume => volume.ServerId is { } server ? new[] { server } : []);
    }

    public Lock Gate { get; } = new();

    public Ledger Ledger { get; }

    public Catalogue Catalogue { get; }

    public Pace Pace { get; }

    public Table<long, Server> Servers { get; }

    public Table<long, Server>.Lookup<(string Project, string Name)> ServersByName { get; }

    public Table<long, CloudAction> Actions { get; }

    public Table<long, CloudAction>.Lookup<ResourceRef> ActionsByResource { get; }

    public Table<long, SshKey> SshKeys { get; }

    public Table<long, Firewall> Firewalls { get; }

    public Table<long, PrimaryIp> PrimaryIps { get; }

    public Table<long, PrimaryIp>.Lookup<string> IpsByAddress { get; }

    public Table<long, Volume> Volumes { get; }

    public Table<long, Volume>.Lookup<long> VolumesByServer { get; }

    public Table<long, Snapshot> Snapshots { get; }

    /// <summary>Opens the books and gives every running server its machine back.</summary>
    public void Open(DateTimeOffset now)
    {
        Ledger.Open();
        foreach (var server in Servers.All.ToList())
        {
            Follow(server);
        }

        foreach (var ip in PrimaryIps.All.ToList())
        {
            Follow(ip);
        }

        Settle(now);
        Ledger.Commit();
    }

    /// <summary>Ids grow and are never used again. Those of actions are beyond 32 bits, as at the provider.</summary>
    public long NextId() => Next("resource", 10_000_000);

    public void Put(Server server)
    {
        Servers.Put(server);
        Follow(server);
    }

    public void Put(PrimaryIp ip)
    {
        PrimaryIps.Put(ip);
        Follow(ip);
    }

    /// <summary>Starts an action, now or when another one has finished; scripted misbehaviour may have decided that it fails.</summary>
    public CloudAction StartAction(string project, string command, DateTimeOffset now, TimeSpan duration, IReadOnlyList<ResourceRef> resources, CloudAction? after = null)
    {
        var error = after?.Error is not null
            ? new ActionError("action_failed", "Action failed")
            : rules.Strike(Kind.ActionFails, "hetzner", fits: rule => rule.Command is null || rule.Command == command) is { } rule
                ? new ActionError(rule.Code ?? "action_failed", rule.Message ?? "Action failed")
                : null;
        var begins = after?.Finishes ?? now;
        var action = new CloudAction(Next("action", 5_000_000_000), project, command, now, begins, begins + duration, resources, error);
        Actions.Put(action);
        return action;
    }

    public string NextIpv4() => FreeAddress("ipv4", AddressPool.Ipv4);

    public string NextIpv6() => FreeAddress("ipv6", AddressPool.Ipv6);

    public PrimaryIp? Ip(long? id) => id is { } known ? PrimaryIps.Find(known) : null;

    public Machine MachineOf(Server server) => new(
        server.Id,
        server.Name,
        Ip(server.Ipv4Id)?.HostAddress ?? "",
        Ip(server.Ipv6Id)?.HostAddress ?? "",
        server.UserData);

    /// <summary>Does what the clock has brought about since the last time: servers gone, machines on and off.</summary>
    public void Settle(DateTimeOffset now)
    {
        while (due.TryPeek(out var change, out var at) && at <= now)
        {
            due.Dequeue();
            change(now);
        }
    }

    /// <summary>The machine goes off at once; it comes back when its state and the clock say so.</summary>
    public void CutPower(Server server) => machines.Stop(server.Id);

    public void WipeDisk(Server server) => machines.Destroy(server.Id);

    /// <summary>Forgets everything, machines included.</summary>
    public void Clear()
    {
        foreach (var server in Servers.All)
        {
            machines.Destroy(server.Id);
        }

        due.Clear();
        Ledger.Clear();
    }

    private void Follow(Server server)
    {
        foreach (var at in server.Changes().Distinct())
        {
            due.Enqueue(now => Settle(server.Id, now), at);
        }
    }

    private void Follow(PrimaryIp ip)
    {
        if (ip.GoneAt is { } gone)
        {
            due.Enqueue(now => RemoveIp(ip.Id, now), gone);
        }
    }

    private void Settle(long id, DateTimeOffset now)
    {
        if (Servers.Find(id) is not { } server)
        {
            return;
        }

        if (server.GoneAt <= now)
        {
            Remove(server);
        }
        else if (server.HasPowerAt(now))
        {
            machines.Start(MachineOf(server));
        }
        else
        {
            machines.Stop(id);
        }
    }

    /// <summary>Attached things are let go of; addresses that go with the server follow a little later.</summary>
    private void Remove(Server server)
    {
        machines.Destroy(server.Id);
        Servers.Remove(server.Id);
        foreach (var ip in new[] { Ip(server.Ipv4Id), Ip(server.Ipv6Id) }.OfType<PrimaryIp>())
        {
            Put(ip with { AssigneeId = null, GoneAt = ip.AutoDelete ? server.GoneAt + Pace.Other : null });
        }

        foreach (var volume in VolumesByServer[server.Id].ToList())
        {
            Volumes.Put(volume with { ServerId = null });
        }

        foreach (var firewall in Firewalls.All.Where(firewall => firewall.Targets.Any(target => target.ServerId == server.Id)).ToList())
        {
            Firewalls.Put(firewall with { Targets = [.. firewall.Targets.Where(target => target.ServerId != server.Id)] });
        }
    }

    private void RemoveIp(long id, DateTimeOffset now)
    {
        if (PrimaryIps.Find(id) is { AssigneeId: null, GoneAt: { } gone } && gone <= now)
        {
            PrimaryIps.Remove(id);
        }
    }

    private string FreeAddress(string kind, Func<long, string> address)
    {
        while (true)
        {
            var candidate = address(Next(kind, 0));
            if (!IpsByAddress[candidate].Any())
            {
                return candidate;
            }
        }
    }

    private long Next(string name, long start)
    {
        var next = (counters.Find(name)?.Last ?? start) + 1;
        counters.Put(new Counter(name, next));
        return next;
    }

    private sealed record Counter(string Name, long Last);
}
