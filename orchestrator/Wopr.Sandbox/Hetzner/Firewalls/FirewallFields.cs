using System.Globalization;
using System.Net;

namespace Wopr.Sandbox.Hetzner.Firewalls;

/// <summary>Reads rules and targets out of a request.</summary>
internal static class FirewallFields
{
    private const int MaxRules = 50;

    public static IReadOnlyList<FirewallRule> Rules(Fields fields)
    {
        var items = fields.Objects("rules");
        if (items.Count > MaxRules)
        {
            fields.Refuse("rules", $"at most {MaxRules} rules are allowed");
        }

        return [.. items.Select((item, index) => Rule(fields, new Fields(item), $"rules.{index}"))];
    }

    /// <summary>Targets of <paramref name="field"/>; whether the servers exist is for the caller to look up.</summary>
    public static IReadOnlyList<FirewallTarget> Targets(Fields fields, string field)
    {
        var targets = new List<FirewallTarget>();
        foreach (var item in fields.Objects(field).Select(item => new Fields(item)))
        {
            var target = item.Text("type", required: true) switch
            {
                "server" => new FirewallTarget(item.Object("server")?.Number("id", required: true), null),
                "label_selector" => new FirewallTarget(null, item.Object("label_selector")?.Text("selector", required: true)),
                _ => new FirewallTarget(null, null),
            };
            if (target is { ServerId: null, Selector: null } || (target.Selector is { } selector && LabelSelector.Parse(selector) is null))
            {
                fields.Refuse(field, "must be a server with an id or a valid label selector");
            }
            else
            {
                targets.Add(target);
            }
        }

        return targets;
    }

    private static FirewallRule Rule(Fields all, Fields item, string path)
    {
        var direction = item.Text("direction", required: true);
        var protocol = item.Text("protocol", required: true);
        var port = item.Text("port");
        var (sources, destinations) = (item.IdsOrNames("source_ips"), item.IdsOrNames("destination_ips"));
        var description = item.Text("description", max: 255);
        if (direction is not "in" and not "out")
        {
            all.Refuse($"{path}.direction", "must be in or out");
        }

        if (protocol is not "tcp" and not "udp" and not "icmp" and not "esp" and not "gre")
        {
            all.Refuse($"{path}.protocol", "must be tcp, udp, icmp, esp or gre");
        }

        if (protocol is "tcp" or "udp" ? !IsPort(port) : port is not null)
        {
            all.Refuse($"{path}.port", "must be a port or a range for tcp and udp, and absent otherwise");
        }

        var (needed, name) = direction == "out" ? (destinations, "destination_ips") : (sources, "source_ips");
        if (needed.Count is 0 or > 100 || !needed.All(IsNetwork))
        {
            all.Refuse($"{path}.{name}", "must hold 1 to 100 networks in CIDR notation");
        }

        return new FirewallRule(direction ?? "", protocol ?? "", port, sources, destinations, description);
    }

    private static bool IsNetwork(string text) => text.Contains('/', StringComparison.Ordinal) && IPNetwork.TryParse(text, out _);

    private static bool IsPort(string? text)
    {
        if (text == "any")
        {
            return true;
        }

        var bounds = (text ?? "").Split('-').Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port : 0).ToList();
        return bounds.Count is 1 or 2 && bounds.TrueForAll(port => port is > 0 and < 65536) && bounds[0] <= bounds[^1];
    }
}
