namespace Wopr.Provisioning.Ports;

/// <summary>Where servers come from. Implementations know nothing of jobs beyond the labels they are handed.</summary>
public interface ICloudProvider
{
    /// <summary>The server of exactly this name, or null.</summary>
    Task<ProviderResult<CloudServer?>> FindServerAsync(string name, CancellationToken cancellation);

    Task<ProviderResult<CloudServer?>> GetServerAsync(long id, CancellationToken cancellation);

    /// <summary>Every server that carries all these labels, over all pages.</summary>
    Task<ProviderResult<IReadOnlyList<CloudServer>>> ListServersAsync(IReadOnlyDictionary<string, string> labels, CancellationToken cancellation);

    /// <summary>Every server whose label has one of these values, in as few calls as the provider allows.</summary>
    Task<ProviderResult<IReadOnlyList<CloudServer>>> ListServersAsync(string label, IReadOnlyCollection<string> values, CancellationToken cancellation);

    /// <summary>Never repeated blindly: after <see cref="Retry.LookFirst"/> look the name up.</summary>
    Task<ProviderResult<CreatedServer>> CreateServerAsync(ServerRequest request, CancellationToken cancellation);

    /// <summary>The delete action, or null when there is no such server (which is success).</summary>
    Task<ProviderResult<CloudAction?>> DeleteServerAsync(long id, CancellationToken cancellation);

    /// <summary>The present state of many actions in as few calls as the provider allows. A missing id comes back as <see cref="ActionStatus.Error"/>.</summary>
    Task<ProviderResult<IReadOnlyList<CloudAction>>> GetActionsAsync(IReadOnlyCollection<long> ids, CancellationToken cancellation);

    /// <summary>Primary IPs that carry all these labels, or are assigned to the given server; for proving that nothing is left.</summary>
    Task<ProviderResult<IReadOnlyList<CloudPrimaryIp>>> ListPrimaryIpsAsync(CancellationToken cancellation);

    /// <summary>Null when gone already, which is success.</summary>
    Task<ProviderResult<bool>> DeletePrimaryIpAsync(long id, CancellationToken cancellation);

    /// <summary>What is sold where, and for how much. May be served from a short-lived cache.</summary>
    Task<ProviderResult<CloudCatalogue>> GetCatalogueAsync(CancellationToken cancellation);

    /// <summary>The id of the newest available image of this name for the architecture (one name has an x86 and an arm image).</summary>
    Task<ProviderResult<long?>> FindImageAsync(string name, string architecture, CancellationToken cancellation);

    /// <summary>The names of all SSH keys, with their ids.</summary>
    Task<ProviderResult<IReadOnlyList<CloudSshKey>>> ListSshKeysAsync(CancellationToken cancellation);

    Task<ProviderResult<CloudSshKey>> CreateSshKeyAsync(string name, string publicKey, IReadOnlyDictionary<string, string> labels, CancellationToken cancellation);

    Task<ProviderResult<CloudFirewall?>> FindFirewallAsync(string name, CancellationToken cancellation);

    /// <summary>Creates the firewall with inbound rules and applies it to every server that matches the selector.</summary>
    Task<ProviderResult<CloudFirewall>> CreateFirewallAsync(FirewallRequest request, CancellationToken cancellation);

    /// <summary>Replaces the rules; returns the actions to await.</summary>
    Task<ProviderResult<IReadOnlyList<CloudAction>>> SetFirewallRulesAsync(long id, IReadOnlyList<FirewallRule> rules, CancellationToken cancellation);

    /// <summary>Applies the firewall to every server that matches the selector; returns the actions to await.</summary>
    Task<ProviderResult<IReadOnlyList<CloudAction>>> ApplyFirewallAsync(long id, string selector, CancellationToken cancellation);

    /// <summary>Replaces all labels of a server.</summary>
    Task<ProviderResult<CloudServer>> SetServerLabelsAsync(long id, IReadOnlyDictionary<string, string> labels, CancellationToken cancellation);
}

/// <param name="UserData">ASCII, LF, at most 32,768 characters (the provider's limit).</param>
/// <param name="Name">RFC 1123 host name, unique in the project.</param>
public sealed record ServerRequest(
    string Name,
    string ServerType,
    string Location,
    long ImageId,
    IReadOnlyList<long> SshKeyIds,
    IReadOnlyDictionary<string, string> Labels,
    string UserData);

/// <summary>A new server, and every action that must be awaited: the create action and all next actions.</summary>
public sealed record CreatedServer(CloudServer Server, IReadOnlyList<CloudAction> Actions);

public sealed record CloudServer(
    long Id,
    string Name,
    ServerStatus Status,
    string StatusText,
    string ServerType,
    string Location,
    string? Ipv4,
    string? Ipv6Network,
    IReadOnlyDictionary<string, string> Labels,
    DateTimeOffset Created,
    bool Locked)
{
    /// <summary>The provider hands out a /64; its first host address is what the server answers at.</summary>
    public string? Ipv6 => Ipv6Network is null ? null : Ipv6Network.Split('/')[0].TrimEnd(':') + "::1";
}

/// <summary>The provider's states, with an explicit unknown for words that it may add.</summary>
public enum ServerStatus
{
    Unknown, Initializing, Starting, Running, Stopping, Off, Deleting, Migrating, Rebuilding,
}

public sealed record CloudAction(long Id, string Command, ActionStatus Status, int Progress, string? ErrorCode = null, string? ErrorMessage = null)
{
    public DateTimeOffset? Started { get; init; }
    public DateTimeOffset? Finished { get; init; }
}

public enum ActionStatus { Running, Success, Error }

/// <param name="AssignedTo">The server's id, or null.</param>
public sealed record CloudPrimaryIp(long Id, string Address, long? AssignedTo, bool AutoDelete, IReadOnlyDictionary<string, string> Labels)
{
    /// <summary><c>ipv4</c> or <c>ipv6</c>.</summary>
    public string Type { get; init; } = "";

    public string Location { get; init; } = "";
    public DateTimeOffset? Created { get; init; }
}

public sealed record CloudSshKey(long Id, string Name, string Fingerprint, string PublicKey);

/// <param name="Rules">The inbound ones.</param>
/// <param name="Selector">The first label selector that the firewall is applied to, or null when applied to none.</param>
public sealed record CloudFirewall(long Id, string Name, IReadOnlyList<FirewallRule> Rules, string? Selector)
{
    /// <summary>All label selectors that the firewall is applied to.</summary>
    public IReadOnlyList<string> Selectors { get; init; } = [];

    /// <summary>The ids of the servers that it stands before, however it came to be applied to them.</summary>
    public IReadOnlySet<long> Covers { get; init; } = new HashSet<long>();

    /// <summary>With a single outbound rule everything else outbound is closed.</summary>
    public bool HasOutboundRules { get; init; }

    /// <summary>What must be awaited after creating it; empty when it was only looked up.</summary>
    public IReadOnlyList<CloudAction> Actions { get; init; } = [];

    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();
}

public sealed record FirewallRequest(string Name, IReadOnlyList<FirewallRule> Rules, string Selector, IReadOnlyDictionary<string, string> Labels);

/// <summary>One inbound rule. <paramref name="Port"/> is null for ICMP.</summary>
public sealed record FirewallRule(string Protocol, string? Port, IReadOnlyList<string> SourceNetworks, string Description);

public sealed record CloudCatalogue(IReadOnlyList<CloudServerType> ServerTypes, IReadOnlyList<CloudLocation> Locations);

/// <param name="MemoryGb">In GB.</param>
/// <param name="Locations">Where it is sold and not past its deprecation date.</param>
public sealed record CloudServerType(long Id, string Name, int Cores, decimal MemoryGb, int DiskGb, string CpuType, string Architecture, IReadOnlyList<CloudOffer> Locations);

/// <param name="Available">The provider's stock indicator: a hint, wrong in both directions.</param>
/// <param name="MonthlyGross">Per month with tax, in the catalogue's currency (EUR).</param>
public sealed record CloudOffer(string Location, bool Available, decimal MonthlyGross);

/// <param name="NetworkZone">The region: substitutes are looked for inside it.</param>
public sealed record CloudLocation(string Name, string City, string Country, string NetworkZone);
