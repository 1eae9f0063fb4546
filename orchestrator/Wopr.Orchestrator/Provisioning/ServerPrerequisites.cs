using Wopr.Platform;
using Wopr.Provisioning.Ports;
using Wopr.Support;

namespace Wopr.Provisioning;

/// <summary>What every server of ours needs and all share: the image, the SSH key, the firewall. Asked once and remembered.</summary>
public sealed class ServerPrerequisites(ICloudProvider cloud, Settings settings, TimeProvider time) : IDisposable
{
    public const string FirewallName = "wopr-beacons";

    private static readonly TimeSpan Life = TimeSpan.FromMinutes(10);
    private static readonly IReadOnlyDictionary<string, string> OurLabel =
        new Dictionary<string, string>(StringComparer.Ordinal) { [ServerLabels.ManagedBy] = ServerLabels.Wopr };

    private readonly SemaphoreSlim one = new(1, 1);
    private (Prerequisites Value, DateTimeOffset Until)? remembered;

    public async Task<ProviderResult<Prerequisites>> GetAsync(CancellationToken cancellation)
    {
        if (remembered is { } known && known.Until > time.GetUtcNow()) return known.Value;
        await one.WaitAsync(cancellation);
        try
        {
            if (remembered is { } again && again.Until > time.GetUtcNow()) return again.Value;
            var result = await AskAsync(cancellation);
            if (result.IsSuccess(out var value, out _)) remembered = (value, time.GetUtcNow() + Life);
            return result;
        }
        finally
        {
            one.Release();
        }
    }

    public void Dispose() => one.Dispose();

    private async Task<ProviderResult<Prerequisites>> AskAsync(CancellationToken cancellation)
    {
        if (!(await cloud.FindImageAsync(settings.Image, "x86", cancellation)).IsSuccess(out var image, out var failure)) return failure;
        if (image is null) return new ProviderFailure("hetzner", 200, "image_not_found", $"there is no x86 image named {settings.Image}", ErrorCodes.HetznerRequestRefused, Retry.Never);
        if (!(await EnsureKeyAsync(cancellation)).IsSuccess(out var key, out failure)) return failure;
        if (!(await EnsureFirewallAsync(cancellation)).IsSuccess(out var firewall, out failure)) return failure;
        return new Prerequisites(image.Value, key.Id, firewall.Id);
    }

    /// <summary>No server is ever created without a key: it is found, or created from its configured public half, or HETZ-003.</summary>
    private async Task<ProviderResult<CloudSshKey>> EnsureKeyAsync(CancellationToken cancellation)
    {
        if (!(await cloud.ListSshKeysAsync(cancellation)).IsSuccess(out var keys, out var failure)) return failure;
        if (keys.FirstOrDefault(k => k.Name == settings.SshKeyName) is { } found) return found;
        if (settings.SshPublicKey is { } publicKey)
        {
            var material = Material(publicKey);
            return keys.FirstOrDefault(k => Material(k.PublicKey) == material) is { } same
                ? same
                : await cloud.CreateSshKeyAsync(settings.SshKeyName, publicKey, OurLabel, cancellation);
        }
        var names = keys.Count == 0 ? "none" : string.Join(", ", keys.Select(k => k.Name));
        return new ProviderFailure("hetzner", 200, "ssh_key_not_found", $"SSH key not found: {settings.SshKeyName}; the project has: {names}", ErrorCodes.SshKeyNotFound, Retry.Never);
    }

    private static string Material(string publicKey) => publicKey.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, var material, ..] ? material : publicKey;

    private async Task<ProviderResult<CloudFirewall>> EnsureFirewallAsync(CancellationToken cancellation)
    {
        var rules = FirewallRules.For(settings.SshNetworks);
        if (!(await cloud.FindFirewallAsync(FirewallName, cancellation)).IsSuccess(out var found, out var failure)) return failure;
        if (found is null) return await cloud.CreateFirewallAsync(new(FirewallName, rules, $"{ServerLabels.ManagedBy}={ServerLabels.Wopr}", OurLabel), cancellation);
        if (FirewallRules.Same(found.Rules, rules)) return found;
        if (!(await cloud.SetFirewallRulesAsync(found.Id, rules, cancellation)).IsSuccess(out _, out failure)) return failure;
        return found with { Rules = rules };
    }
}

/// <summary>Ids at the provider.</summary>
public sealed record Prerequisites(long ImageId, long SshKeyId, long FirewallId);

/// <summary>What may reach a beacon: web from everywhere, SSH only from configured networks.</summary>
public static class FirewallRules
{
    private static readonly string[] Everywhere = ["0.0.0.0/0", "::/0"];

    public static IReadOnlyList<FirewallRule> For(IReadOnlyList<string> sshNetworks)
    {
        List<FirewallRule> rules =
        [
            new("tcp", "80", Everywhere, "http"),
            new("tcp", "443", Everywhere, "https"),
            new("udp", "443", Everywhere, "http3"),
        ];
        if (sshNetworks.Count > 0) rules.Add(new("tcp", "22", sshNetworks, "ssh"));
        return rules;
    }

    public static bool Same(IReadOnlyList<FirewallRule> left, IReadOnlyList<FirewallRule> right) =>
        left.Select(Key).Order(StringComparer.Ordinal).SequenceEqual(right.Select(Key).Order(StringComparer.Ordinal), StringComparer.Ordinal);

    private static string Key(FirewallRule rule) => $"{rule.Protocol} {rule.Port} {string.Join(',', rule.SourceNetworks.Order(StringComparer.Ordinal))}";
}
