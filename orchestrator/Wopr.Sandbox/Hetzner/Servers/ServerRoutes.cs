using System.Globalization;
using Wopr.Sandbox.Hetzner.Actions;
using Wopr.Sandbox.Misbehaviour;
using Wopr.Sandbox.Wire;

namespace Wopr.Sandbox.Hetzner.Servers;

/// <summary>/servers: list, describe, rename, delete. Creating has a file of its own.</summary>
internal sealed class ServerRoutes(HetznerBooks books, ServerView view, Rulebook rules)
{
    private const int MaxPoints = 500;

    private static readonly Dictionary<string, string[]> Series = new(StringComparer.Ordinal)
    {
        ["cpu"] = ["cpu"],
        ["disk"] = ["disk.0.iops.read", "disk.0.iops.write", "disk.0.bandwidth.read", "disk.0.bandwidth.write"],
        ["network"] = ["network.0.pps.in", "network.0.pps.out", "network.0.bandwidth.in", "network.0.bandwidth.out"],
    };

    public void Map(RouteTable routes)
    {
        routes.Map("GET", "/servers", List);
        routes.Map("GET", "/servers/{id}", Get);
        routes.Map("PUT", "/servers/{id}", Update);
        routes.Map("DELETE", "/servers/{id}", Delete);
        routes.Map("GET", "/servers/{id}/metrics", Metrics);
    }

    private Answer List(Call call)
    {
        var states = call.AskedAll("status");
        return Listing.Resources(
            call,
            "servers",
            (call.Asked("name") is { } name ? books.ServersByName[(call.Account, name)] : books.Servers.All).Where(server => states.Count == 0 || states.Contains(server.StatusAt(call.Now), StringComparer.Ordinal)),
            server => view.Of(server, call.Now));
    }

    private Answer Get(Call call) =>
        Find(call) is { } server ? new(200, new { server = view.Of(server, call.Now) }) : Refusals.NotFound("server", call.Id());

    private Answer Update(Call call)
    {
        if (Find(call) is not { } server)
        {
            return Refusals.NotFound("server", call.Id());
        }

        var fields = new Fields(call.Body);
        var (name, labels) = (fields.HostName(required: false), fields.Labels());
        if (fields.Refusal is { } refusal)
        {
            return refusal;
        }

        if (name is not null && books.ServersByName[(call.Account, name)].Any(other => other.Id != server.Id))
        {
            return Refusals.NotUnique("server name is already used");
        }

        server = server with { Name = name ?? server.Name, Labels = labels ?? server.Labels };
        books.Put(server);
        return new(200, new { server = view.Of(server, call.Now) });
    }

    private Answer Delete(Call call)
    {
        if (Find(call) is not { } server)
        {
            return Refusals.NotFound("server", call.Id());
        }

        if (server.DeleteProtected)
        {
            return Refusals.Protected("server deletion");
        }

        if (server.IsLockedAt(call.Now) || rules.Strike(Kind.LockedDelete, "hetzner") is not null)
        {
            return Refusals.Locked("server");
        }

        var action = books.StartAction(call.Account, "delete_server", call.Now, books.Pace.DeleteServer, [new ResourceRef("server", server.Id)]);
        var busy = server with { LockedUntil = action.Finishes };
        books.Put(action.Error is not null
            ? busy
            : busy.Then(call.Now, new Phase(call.Now, "deleting")) with { GoneAt = action.Finishes });
        return new(200, new { action = action.View(call.Now) });
    }

    /// <summary>An idle machine: every series that was asked for, going gently up and down.</summary>
    private Answer Metrics(Call call)
    {
        if (Find(call) is null)
        {
            return Refusals.NotFound("server", call.Id());
        }

        var types = call.AskedAll("type").SelectMany(type => type.Split(',')).Distinct(StringComparer.Ordinal).ToList();
        if (types.Count == 0 || !types.TrueForAll(Series.ContainsKey))
        {
            return Refusals.InvalidField("type", "must be cpu, disk or network");
        }

        if (!TryTime(call.Asked("start"), out var start) || !TryTime(call.Asked("end"), out var end) || end <= start)
        {
            return Refusals.InvalidField("start", "start and end must be times, one after the other");
        }

        var length = (end - start).TotalSeconds;
        var step = double.TryParse(call.Asked("step"), NumberStyles.Float, CultureInfo.InvariantCulture, out var wished) && wished > 0 ? wished : 60;
        step = Math.Max(step, length / MaxPoints);
        var points = Enumerable.Range(0, (int)(length / step) + 1).Select(i => new object[]
        {
            start.AddSeconds(i * step).ToUnixTimeSeconds(),
            (1 + Math.Abs((i % 20) - 10)).ToString(CultureInfo.InvariantCulture),
        }).ToList();
        return new(200, new
        {
            metrics = new
            {
                start = WireJson.Seconds(start),
                end = WireJson.Seconds(end),
                step,
                time_series = types.SelectMany(type => Series[type]).ToDictionary(name => name, _ => new { values = points }, StringComparer.Ordinal),
            },
        });
    }

    private static bool TryTime(string? text, out DateTimeOffset time) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);

    private Server? Find(Call call) => books.Servers.Find(call.Id()) is { } server && server.Project == call.Account ? server : null;
}
