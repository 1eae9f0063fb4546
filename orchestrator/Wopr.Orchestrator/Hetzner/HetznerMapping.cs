using System.Globalization;
using Wopr.Provisioning.Ports;

namespace Wopr.Hetzner;

/// <summary>From the wire to the words of the ports. Words that the provider may add one day become an explicit unknown.</summary>
internal static class HetznerMapping
{
    public static CloudServer Server(ServerDto s) => new(
        s.Id, s.Name, Status(s.Status), s.Status ?? "", s.ServerType?.Name ?? "", s.Location?.Name ?? "",
        s.PublicNet?.Ipv4?.Ip, s.PublicNet?.Ipv6?.Ip, s.Labels ?? [], s.Created, s.Locked);

    public static CloudAction Action(ActionDto a) => new(
        a.Id, a.Command ?? "", ActionState(a.Status), (int)Math.Clamp(a.Progress ?? 0, 0, 100), a.Error?.Code, a.Error?.Message)
    { Started = a.Started, Finished = a.Finished };

    public static CloudPrimaryIp PrimaryIp(PrimaryIpDto p) => new(p.Id, p.Ip, p.AssigneeId, p.AutoDelete, p.Labels ?? []) { Type = p.Type ?? "", Location = p.Location?.Name ?? "", Created = p.Created };

    public static CloudSshKey SshKey(SshKeyDto k) => new(k.Id, k.Name, k.Fingerprint ?? "", k.PublicKey ?? "");

    public static CloudVolume Volume(VolumeDto v) => new(v.Id, v.Name, (int)v.Size, v.Server, v.Location?.Name ?? "", v.Labels ?? [], v.Created);

    /// <summary>WOPR sets inbound rules only: without outbound rules everything outbound is allowed.</summary>
    public static CloudFirewall Firewall(FirewallDto f) => new(
        f.Id, f.Name,
        [.. (f.Rules ?? []).Where(r => r.Direction == "in").Select(r => new FirewallRule(r.Protocol ?? "", r.Port, r.SourceIps ?? [], r.Description ?? ""))],
        f.AppliedTo?.FirstOrDefault(a => a.Type == "label_selector")?.LabelSelector?.Selector)
    {
        Labels = f.Labels ?? [],
        HasOutboundRules = f.Rules?.Any(r => r.Direction == "out") == true,
        Selectors = [.. (f.AppliedTo ?? []).Select(a => a.LabelSelector?.Selector).OfType<string>()],
        Covers = (f.AppliedTo ?? [])
            .SelectMany(a => (a.AppliedToResources ?? []).Select(r => r.Server).Append(a.Server)).OfType<IdDto>().Select(s => s.Id).ToHashSet(),
    };

    public static RuleDto Rule(FirewallRule r) => new("in", r.Protocol, r.Port, r.SourceNetworks, DestinationIps: null, r.Description);

    /// <summary>Null when the text is no number: a price is never guessed.</summary>
    public static decimal? Money(string? text) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount) ? amount : null;

    private static ServerStatus Status(string? word) => word switch
    {
        "initializing" => ServerStatus.Initializing,
        "starting" => ServerStatus.Starting,
        "running" => ServerStatus.Running,
        "stopping" => ServerStatus.Stopping,
        "off" => ServerStatus.Off,
        "deleting" => ServerStatus.Deleting,
        "migrating" => ServerStatus.Migrating,
        "rebuilding" => ServerStatus.Rebuilding,
        _ => ServerStatus.Unknown,
    };

    /// <summary>An unknown word is not an end: the action goes on being awaited until its deadline.</summary>
    private static ActionStatus ActionState(string? word) => word switch
    {
        "success" => ActionStatus.Success,
        "error" => ActionStatus.Error,
        _ => ActionStatus.Running,
    };
}
