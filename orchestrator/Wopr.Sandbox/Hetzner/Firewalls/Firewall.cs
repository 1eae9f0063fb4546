using Wopr.Sandbox.Hetzner.Actions;

namespace Wopr.Sandbox.Hetzner.Firewalls;

public sealed record Firewall(
    long Id,
    string Project,
    string Name,
    DateTimeOffset Created,
    IReadOnlyList<FirewallRule> Rules,
    IReadOnlyList<FirewallTarget> Targets,
    IReadOnlyDictionary<string, string> Labels) : IResource
{
    public ResourceRef Ref => new("firewall", Id);

    /// <summary>Whether the server stands behind it, named or by its labels.</summary>
    public bool Covers(IResource server) =>
        server.Project == Project && Targets.Any(target =>
            target.ServerId == server.Id
            || (target.Selector is not null && LabelSelector.Parse(target.Selector)!.Matches(server.Labels)));
}

/// <summary>Either a server or a label selector.</summary>
public sealed record FirewallTarget(long? ServerId, string? Selector);

/// <param name="Port">A port or a range; null for protocols without ports.</param>
public sealed record FirewallRule(
    string Direction,
    string Protocol,
    string? Port,
    IReadOnlyList<string> SourceIps,
    IReadOnlyList<string> DestinationIps,
    string? Description)
{
    public object View() => new
    {
        direction = Direction,
        protocol = Protocol,
        port = Port,
        source_ips = SourceIps,
        destination_ips = DestinationIps,
        description = Description,
    };
}
