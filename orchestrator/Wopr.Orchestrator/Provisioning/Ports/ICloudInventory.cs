namespace Wopr.Provisioning.Ports;

/// <summary>What sweeps and proofs need beyond <see cref="ICloudProvider"/>: everything else that may be left behind, and what it costs.</summary>
public interface ICloudInventory
{
    Task<ProviderResult<IReadOnlyList<CloudVolume>>> ListVolumesAsync(IReadOnlyDictionary<string, string> labels, CancellationToken cancellation);

    /// <summary>False when gone already, which is success.</summary>
    Task<ProviderResult<bool>> DeleteVolumeAsync(long id, CancellationToken cancellation);

    Task<ProviderResult<IReadOnlyList<CloudFirewall>>> ListFirewallsAsync(IReadOnlyDictionary<string, string> labels, CancellationToken cancellation);

    /// <summary>False when gone already. Refused while applied to anything.</summary>
    Task<ProviderResult<bool>> DeleteFirewallAsync(long id, CancellationToken cancellation);

    /// <summary>False when gone already.</summary>
    Task<ProviderResult<bool>> DeleteSshKeyAsync(long id, CancellationToken cancellation);

    /// <summary>What was last done with a server, newest first, at most ten; evidence when something is wrong with it.</summary>
    Task<ProviderResult<IReadOnlyList<CloudAction>>> ListServerActionsAsync(long id, CancellationToken cancellation);

    Task<ProviderResult<CloudPricing>> GetPricingAsync(CancellationToken cancellation);
}

/// <summary>What doctor and the start ask of a provider: is it there, and does it accept the token?</summary>
public interface IProviderAccess
{
    /// <summary><c>hetzner</c> (of another project <c>hetzner:NAME</c>) or <c>cloudflare</c>.</summary>
    string Provider { get; }

    /// <summary>True, or why not. Costs one or two calls.</summary>
    Task<ProviderResult<bool>> CheckAccessAsync(CancellationToken cancellation);
}

/// <param name="SizeGb">In GB.</param>
/// <param name="Server">The id of the server it is attached to, or null.</param>
public sealed record CloudVolume(long Id, string Name, int SizeGb, long? Server, string Location, IReadOnlyDictionary<string, string> Labels, DateTimeOffset Created);

/// <param name="Currency">ISO 4217.</param>
/// <param name="VatPercent">Already in every gross price.</param>
/// <param name="VolumeGbMonthlyGross">Per GB and month.</param>
/// <param name="PrimaryIpMonthlyGross">By type (<c>ipv4</c>, <c>ipv6</c>) and location, per month.</param>
public sealed record CloudPricing(
    string Currency,
    decimal VatPercent,
    decimal VolumeGbMonthlyGross,
    IReadOnlyDictionary<(string Type, string Location), decimal> PrimaryIpMonthlyGross);
