using Wopr.Platform;
using Wopr.Provisioning;
using Wopr.Provisioning.Ports;

namespace Wopr.Sweep;

/// <summary>One way in which the firewall is not what it should be, and how it is put right.</summary>
/// <param name="RepairAsync">Asks for the repair; the actions are to be awaited.</param>
public sealed record Drift(string What, Func<CancellationToken, Task<ProviderResult<IReadOnlyList<CloudAction>>>> RepairAsync);

/// <summary>
/// Compares the managed firewall of a project with what is configured: its rules, the selector that applies it, and that it really
/// stands before every beacon's server there.
/// </summary>
public sealed class FirewallRepair(IClouds clouds, Settings settings)
{
    private static readonly string Selector = $"{ServerLabels.ManagedBy}={ServerLabels.Wopr}";

    // A label takes a moment to have its effect at the provider.
    private static readonly TimeSpan Settling = TimeSpan.FromMinutes(2);

    /// <summary>Everything that differs; empty when nothing does. One call, and one more for each server that it does not cover.</summary>
    /// <param name="servers">Ours in the project.</param>
    /// <param name="now">The database's clock.</param>
    public async Task<ProviderResult<IReadOnlyList<Drift>>> CompareAsync(ProjectName project, IReadOnlyList<OwnServer> servers, DateTimeOffset now, CancellationToken cancellation)
    {
        var cloud = clouds.Of(project);
        if (!(await cloud.FindFirewallAsync(ServerPrerequisites.FirewallName, cancellation)).IsSuccess(out var firewall, out var failure)) return failure;
        if (firewall is null)
            // Without servers nothing is in danger: the first server brings the firewall with it.
            return servers.Count == 0 ? [] : new[] { new Drift($"the firewall {ServerPrerequisites.FirewallName} is gone", token => CreateAsync(cloud, token)) };

        var drift = new List<Drift>();
        var rules = FirewallRules.For(settings.SshNetworks);
        if (firewall.HasOutboundRules || !FirewallRules.Same(firewall.Rules, rules))
            drift.Add(new($"its rules are {Words(firewall)}", token => cloud.SetFirewallRulesAsync(firewall.Id, rules, token)));
        if (!firewall.Selectors.Contains(Selector, StringComparer.Ordinal))
            drift.Add(new($"it is not applied to {Selector}", token => cloud.ApplyFirewallAsync(firewall.Id, Selector, token)));
        else
            foreach (var open in servers.Where(s => !firewall.Covers.Contains(s.ServerId) && s.IdentifiedAt < now - Settling))
            {
                if (!(await UncoveredAsync(cloud, open, cancellation)).IsSuccess(out var found, out failure)) return failure;
                drift.AddRange(found);
            }
        return drift;
    }

    /// <summary>A server that the selector does not find has lost its labels, or is gone, which is the sweep's affair.</summary>
    private static async Task<ProviderResult<IReadOnlyList<Drift>>> UncoveredAsync(ICloud cloud, OwnServer own, CancellationToken cancellation)
    {
        if (!(await cloud.GetServerAsync(own.ServerId, cancellation)).IsSuccess(out var server, out var failure)) return failure;
        if (server is null || InventoryReader.IsOurs(server.Labels)) return Array.Empty<Drift>();
        var labels = server.Labels.ToDictionary(StringComparer.Ordinal);
        foreach (var (name, value) in ServerLabels.For(new JobId(own.JobId), own.Bundle)) labels[name] = value;
        return new[] { new Drift($"server {own.ServerId} has lost its labels, so that the firewall does not cover it", token => LabelAsync(cloud, own.ServerId, labels, token)) };
    }

    private async Task<ProviderResult<IReadOnlyList<CloudAction>>> CreateAsync(ICloud cloud, CancellationToken cancellation)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal) { [ServerLabels.ManagedBy] = ServerLabels.Wopr };
        var request = new FirewallRequest(ServerPrerequisites.FirewallName, FirewallRules.For(settings.SshNetworks), Selector, labels);
        return (await cloud.CreateFirewallAsync(request, cancellation)).IsSuccess(out var made, out var failure) ? ProviderResult<IReadOnlyList<CloudAction>>.Success(made.Actions) : failure;
    }

    private static async Task<ProviderResult<IReadOnlyList<CloudAction>>> LabelAsync(ICloud cloud, long id, IReadOnlyDictionary<string, string> labels, CancellationToken cancellation) =>
        (await cloud.SetServerLabelsAsync(id, labels, cancellation)).IsSuccess(out _, out var failure) ? Array.Empty<CloudAction>() : failure;

    private static string Words(CloudFirewall firewall) =>
        $"{string.Join(", ", firewall.Rules.Select(r => $"{r.Protocol} {r.Port} from {string.Join(' ', r.SourceNetworks)}"))}{(firewall.HasOutboundRules ? ", and some outbound" : "")}";
}
