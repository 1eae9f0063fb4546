using System.Collections.Concurrent;
using Wopr.Platform;
using Wopr.Provisioning.Ports;
using Wopr.Support;

namespace Wopr.Provisioning;

/// <summary>What every server of ours needs and all of a project share: the image, the SSH key, the firewall.</summary>
public sealed class ServerPrerequisites(IClouds clouds, Settings settings, TimeProvider time) : IDisposable
{
    public const string FirewallName = "wopr-beacons";

    private readonly ConcurrentDictionary<ProjectName, Lazy<ProjectPrerequisites>> all = new();

    public Task<ProviderResult<Prerequisites>> GetAsync(ProjectName project, CancellationToken cancellation) =>
        all.GetOrAdd(project, name => new(() => new ProjectPrerequisites(clouds.Of(name), name, settings, time))).Value.GetAsync(cancellation);

    public void Dispose()
    {
        foreach (var one in all.Values) one.Value.Dispose();
    }
}

/// <summary>The same of one project. Asked once and remembered.</summary>
internal sealed class ProjectPrerequisites(ICloudProvider cloud, ProjectName project, Settings settings, TimeProvider time) : IDisposable
{
    private const string FirewallName = ServerPrerequisites.FirewallName;

    private static readonly TimeSpan Life = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(0.5);
    private static readonly IReadOnlyDictionary<string, string> OurLabel =
        new Dictionary<string, string>(StringComparer.Ordinal) { [ServerLabels.ManagedBy] = ServerLabels.Wopr };

    private readonly SemaphoreSlim one = new(1, 1);
    private (Prerequisites Value, DateTimeOffset Until)? remembered;

    // Guarded by the semaphore: what the firewall is still busy with, when that is worth asking again, and whether its last change failed.
    private IReadOnlyList<long> awaited = [];
    private DateTimeOffset askAgain;
    private bool applyAgain;

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
        if (await StillBusyAsync(cancellation) is { } busy) return busy;
        if (!(await cloud.FindImageAsync(settings.Image, "x86", cancellation)).IsSuccess(out var image, out var failure)) return failure;
        if (image is null) return new ProviderFailure(project.Provider, 200, "image_not_found", $"there is no x86 image named {settings.Image}", ErrorCodes.HetznerRequestRefused, Retry.Never);
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
        return new ProviderFailure(project.Provider, 200, "ssh_key_not_found", $"SSH key not found: {settings.SshKeyName}; the project has: {names}", ErrorCodes.SshKeyNotFound, Retry.Never);
    }

    private static string Material(string publicKey) => publicKey.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, var material, ..] ? material : publicKey;

    private async Task<ProviderResult<CloudFirewall>> EnsureFirewallAsync(CancellationToken cancellation)
    {
        var rules = FirewallRules.For(settings.SshNetworks);
        if (!(await cloud.FindFirewallAsync(FirewallName, cancellation)).IsSuccess(out var found, out var failure)) return failure;
        if (found is null)
        {
            var wish = new FirewallRequest(FirewallName, rules, $"{ServerLabels.ManagedBy}={ServerLabels.Wopr}", OurLabel);
            if (!(await cloud.CreateFirewallAsync(wish, cancellation)).IsSuccess(out var made, out failure)) return failure;
            return Begun(made.Actions) is { } begun ? begun : made;
        }
        if (FirewallRules.Same(found.Rules, rules) && !applyAgain) return found;
        if (!(await cloud.SetFirewallRulesAsync(found.Id, rules, cancellation)).IsSuccess(out var actions, out failure)) return failure;
        applyAgain = false;
        return Begun(actions) is { } again ? again : found with { Rules = rules };
    }

    /// <summary>
    /// No server is made before the firewall stands: the job comes back, and then this asks how the actions went. Many jobs come back at once,
    /// and one of them asks for all.
    /// </summary>
    private async Task<ProviderFailure?> StillBusyAsync(CancellationToken cancellation)
    {
        if (awaited.Count == 0) return null;
        if (askAgain - time.GetUtcNow() is { Ticks: > 0 } left) return Running(left);
        return (await cloud.GetActionsAsync(awaited, cancellation)).IsSuccess(out var actions, out var failure) ? Begun(actions) : failure;
    }

    /// <summary>Null when all of it has succeeded already.</summary>
    private ProviderFailure? Begun(IReadOnlyList<CloudAction> actions)
    {
        (awaited, askAgain) = ([.. actions.Where(a => a.Status == ActionStatus.Running).Select(a => a.Id)], time.GetUtcNow() + Pause);
        if (actions.FirstOrDefault(a => a.Status == ActionStatus.Error) is { } failed)
        {
            (awaited, applyAgain) = ([], true);
            return new ProviderFailure(project.Provider, 200, failed.ErrorCode ?? "", $"action {failed.Id} ended in error: {failed.Command} of the firewall", ErrorCodes.ActionFailed, Retry.Later);
        }
        return awaited.Count == 0 ? null : Running(Pause);
    }

    private ProviderFailure Running(TimeSpan pause) =>
        new(project.Provider, 200, "running", "the firewall is being set up", ErrorCodes.ActionFailed, Retry.Later, pause);
}

/// <summary>Ids at the provider.</summary>
public sealed record Prerequisites(long ImageId, long SshKeyId, long FirewallId);

/// <summary>What may reach a beacon: web from everywhere, and nothing else; SSH only from configured networks.</summary>
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
