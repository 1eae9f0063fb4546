using Wopr.Sandbox.Hetzner.Actions;
using Wopr.Sandbox.Wire;

namespace Wopr.Sandbox.Hetzner.Firewalls;

/// <summary>/firewalls: rules, and the servers that stand behind them, by name or by label.</summary>
internal sealed class FirewallRoutes(HetznerBooks books)
{
    public void Map(RouteTable routes)
    {
        routes.Map("GET", "/firewalls", call => Listing.Resources(call, "firewalls", books.Firewalls.All, View));
        routes.Map("POST", "/firewalls", Create);
        routes.Map("GET", "/firewalls/{id}", call => With(call, firewall => new(200, new { firewall = View(firewall) })));
        routes.Map("PUT", "/firewalls/{id}", call => With(call, firewall => Update(call, firewall)));
        routes.Map("DELETE", "/firewalls/{id}", call => With(call, Delete));
        routes.Map("POST", "/firewalls/{id}/actions/set_rules", call => With(call, firewall => SetRules(call, firewall)));
        routes.Map("POST", "/firewalls/{id}/actions/apply_to_resources", call => With(call, firewall => Apply(call, firewall)));
        routes.Map("POST", "/firewalls/{id}/actions/remove_from_resources", call => With(call, firewall => Remove(call, firewall)));
    }

    private Answer Create(Call call)
    {
        var fields = new Fields(call.Body);
        var (name, labels) = (fields.Name(required: true), fields.Labels());
        var (rules, targets) = (FirewallFields.Rules(fields), FirewallFields.Targets(fields, "apply_to"));
        if (fields.Refusal is { } refusal)
        {
            return refusal;
        }

        if (books.Firewalls.All.Any(other => other.Project == call.Account && other.Name == name))
        {
            return Refusals.NotUnique("firewall name is already used", "name");
        }

        if (targets.Distinct().Count() != targets.Count)
        {
            return Refusals.Of(422, "server_already_added", "the server was applied more than once");
        }

        if (targets.Any(target => !Exists(call, target)))
        {
            return Refusals.Of(422, "firewall_resource_not_found", "the resource the firewall should be attached to was not found");
        }

        var firewall = new Firewall(books.NextId(), call.Account, name!, call.Now, rules, targets, labels ?? Labels.None);
        books.Firewalls.Put(firewall);
        List<CloudAction> actions =
        [
            .. rules.Count > 0 ? [Start(call, firewall, "set_firewall_rules")] : Array.Empty<CloudAction>(),
            .. targets.Select(target => Start(call, firewall, "apply_firewall", target)),
        ];
        return new(201, new { firewall = View(firewall), actions = actions.Select(action => action.View(call.Now)) });
    }

    private Answer Update(Call call, Firewall firewall)
    {
        var fields = new Fields(call.Body);
        var (name, labels) = (fields.Name(required: false), fields.Labels());
        if (fields.Refusal is { } refusal)
        {
            return refusal;
        }

        if (books.Firewalls.All.Any(other => other.Project == call.Account && other.Name == name && other.Id != firewall.Id))
        {
            return Refusals.NotUnique("firewall name is already used", "name");
        }

        firewall = firewall with { Name = name ?? firewall.Name, Labels = labels ?? firewall.Labels };
        books.Firewalls.Put(firewall);
        return new(200, new { firewall = View(firewall) });
    }

    private Answer Delete(Firewall firewall)
    {
        if (firewall.Targets.Count > 0)
        {
            return Refusals.Of(422, "resource_in_use", $"firewall with ID '{firewall.Id}' is still in use");
        }

        books.Firewalls.Remove(firewall.Id);
        return new(204, null);
    }

    private Answer SetRules(Call call, Firewall firewall)
    {
        var fields = new Fields(call.Body);
        var rules = FirewallFields.Rules(fields);
        if (!fields.Has("rules"))
        {
            fields.Refuse("rules", "Missing data for required field.");
        }

        if (fields.Refusal is { } refusal)
        {
            return refusal;
        }

        books.Firewalls.Put(firewall with { Rules = rules });
        return Actions(call, [Start(call, firewall, "set_firewall_rules"), .. firewall.Targets.Select(target => Start(call, firewall, "apply_firewall", target))]);
    }

    private Answer Apply(Call call, Firewall firewall)
    {
        var fields = new Fields(call.Body);
        var targets = FirewallFields.Targets(fields, "apply_to");
        if (fields.Refusal is { } refusal)
        {
            return refusal;
        }

        if (targets.Any(target => !Exists(call, target)))
        {
            return Refusals.Of(404, "firewall_resource_not_found", "the resource the firewall should be applied to was not found");
        }

        if (targets.Any(firewall.Targets.Contains))
        {
            return Refusals.Of(422, "firewall_already_applied", "firewall is already applied to resource");
        }

        books.Firewalls.Put(firewall with { Targets = [.. firewall.Targets, .. targets.Distinct()] });
        return Actions(call, targets.Distinct().Select(target => Start(call, firewall, "apply_firewall", target)));
    }

    private Answer Remove(Call call, Firewall firewall)
    {
        var fields = new Fields(call.Body);
        var targets = FirewallFields.Targets(fields, "remove_from");
        if (fields.Refusal is { } refusal)
        {
            return refusal;
        }

        if (targets.FirstOrDefault(target => !firewall.Targets.Contains(target)) is { } missing)
        {
            return missing.ServerId is { } id && books.Servers.Find(id) is { } server && firewall.Covers(server)
                ? Refusals.Of(422, "firewall_managed_by_label_selector", "firewall is applied via a label selector and cannot be removed manually")
                : Refusals.Of(404, "firewall_resource_not_found", "the resource the firewall should be removed from was not found");
        }

        books.Firewalls.Put(firewall with { Targets = [.. firewall.Targets.Except(targets)] });
        return Actions(call, targets.Select(target => Start(call, firewall, "remove_firewall", target)));
    }

    private object View(Firewall firewall) => new
    {
        id = firewall.Id,
        name = firewall.Name,
        labels = firewall.Labels,
        created = WireJson.Seconds(firewall.Created),
        rules = firewall.Rules.Select(rule => rule.View()),
        applied_to = firewall.Targets.Select(target => target.ServerId is { } id
            ? (object)new { type = "server", server = new { id } }
            : new
            {
                type = "label_selector",
                label_selector = new { selector = target.Selector },
                applied_to_resources = books.Servers.All
                    .Where(new Firewall(0, firewall.Project, "", default, [], [target], Labels.None).Covers)
                    .Select(server => new { type = "server", server = new { id = server.Id } }),
            }),
    };

    private Answer With(Call call, Func<Firewall, Answer> then) =>
        books.Firewalls.Find(call.Id()) is { } firewall && firewall.Project == call.Account ? then(firewall) : Refusals.NotFound("firewall", call.Id());

    private bool Exists(Call call, FirewallTarget target) => target.ServerId is not { } id || books.Servers.Find(id)?.Project == call.Account;

    private CloudAction Start(Call call, Firewall firewall, string command, FirewallTarget? target = null) => books.StartAction(
        call.Account,
        command,
        call.Now,
        books.Pace.Other,
        target?.ServerId is { } server ? [firewall.Ref, new("server", server)] : [firewall.Ref]);

    private static Answer Actions(Call call, IEnumerable<CloudAction> actions) =>
        new(201, new { actions = actions.Select(action => action.View(call.Now)).ToList() });
}
