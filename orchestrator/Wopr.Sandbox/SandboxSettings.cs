using System.Globalization;
using System.Net;

namespace Wopr.Sandbox;

/// <summary>What stands behind a server: README.md says what each does.</summary>
public enum BootDriver
{
    Script,
    Callback,
    Lab,
    None,
}

/// <summary>The sandbox's configuration, read once from the environment.</summary>
/// <param name="Directory">Where the books and the machines' disks are kept.</param>
/// <param name="Pace">How long emulated things take: 1 is about a second to create a server, 0 is at once.</param>
/// <param name="Payments">The payment provider's address; without it there is none.</param>
/// <param name="HetznerTokens">One project each.</param>
public sealed record SandboxSettings(
    string Directory,
    Uri Hetzner,
    Uri Cloudflare,
    Uri Gate,
    string Zone,
    double Pace,
    BootDriver Boot,
    IReadOnlyList<string> HetznerTokens,
    string CloudflareToken,
    Uri? Payments = null)
{
    public const int LargestSeed = 1_000_000_000;

    /// <summary>The seed of a bad day (<see cref="Misbehaviour.Chaos"/>); without one the providers behave.</summary>
    public int? Chaos { get; init; }

    /// <summary>What made-up passwords, ids and addresses are drawn from; without one each start draws its own, and prints it.</summary>
    public int? Seed { get; init; }

    /// <summary>The settings, or in one line what is wrong.</summary>
    public static (SandboxSettings? Settings, string? Problem) Read(Func<string, string?> environment)
    {
        string Text(string name, string otherwise) => environment(name) is { Length: > 0 } value ? value.Trim() : otherwise;

        var paceText = Text("WOPR_SANDBOX_PACE", "1");
        if (!double.TryParse(paceText, NumberStyles.Float, CultureInfo.InvariantCulture, out var pace) || pace is < 0 or > 1000 || double.IsNaN(pace))
        {
            return (null, $"WOPR_SANDBOX_PACE must be a number from 0 to 1000, not '{paceText}'.");
        }

        var bootText = Text("WOPR_SANDBOX_BOOT", "script");
        if (!Enum.TryParse<BootDriver>(bootText, ignoreCase: true, out var boot) || !Enum.IsDefined(boot) || bootText.Any(char.IsDigit))
        {
            return (null, $"WOPR_SANDBOX_BOOT must be script, callback, lab or none, not '{bootText}'.");
        }

        var zone = Text("WOPR_ZONE", "beacons.localhost").ToLowerInvariant();
        if (Uri.CheckHostName(zone) != UriHostNameType.Dns || !zone.Contains('.', StringComparison.Ordinal))
        {
            return (null, $"WOPR_ZONE must be a domain name, not '{zone}'.");
        }

        var tokens = Text("WOPR_SANDBOX_HETZNER_TOKEN", "sandbox-hetzner").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (tokens.Length == 0)
        {
            return (null, "WOPR_SANDBOX_HETZNER_TOKEN must hold at least one token.");
        }

        // As the service reads them: projects by name, each with a token of its own.
        tokens = [.. tokens, .. Text("WOPR_SANDBOX_HETZNER_PROJECTS", "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(name => Text($"WOPR_SANDBOX_HETZNER_TOKEN_{name.ToUpperInvariant().Replace('-', '_')}", $"sandbox-hetzner-{name}"))];

        var urls = new Dictionary<string, Uri>(StringComparer.Ordinal);
        foreach (var (name, otherwise) in new[]
        {
            ("WOPR_SANDBOX_HETZNER_URL", "http://127.0.0.1:8002"),
            ("WOPR_SANDBOX_CLOUDFLARE_URL", "http://127.0.0.1:8003"),
            ("WOPR_SANDBOX_GATE_URL", "http://127.0.0.1:8004"),
        })
        {
            if (!Uri.TryCreate(Text(name, otherwise), UriKind.Absolute, out var url) || url.Scheme != "http" || !IsLoopback(url))
            {
                return (null, $"{name} must be http:// at a loopback address with a port, not '{Text(name, otherwise)}'.");
            }

            urls[name] = url;
        }

        if (environment("WOPR_SANDBOX_PAYMENTS_URL") is { Length: > 0 } given)
        {
            if (!Uri.TryCreate(given.Trim(), UriKind.Absolute, out var payments) || payments.Scheme != "http" || !IsLoopback(payments))
            {
                return (null, $"WOPR_SANDBOX_PAYMENTS_URL must be http:// at a loopback address with a port, not '{given}'.");
            }

            urls["WOPR_SANDBOX_PAYMENTS_URL"] = payments;
        }

        if (urls.Values.Where(url => url.Port != 0).GroupBy(url => url.Port).FirstOrDefault(group => group.Count() > 1) is { } shared)
        {
            return (null, $"The sandbox's addresses need a port each; {shared.Key} is given twice.");
        }

        var seeds = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var name in new[] { "WOPR_SANDBOX_CHAOS", "WOPR_SANDBOX_SEED" })
        {
            if (Text(name, "") is not { Length: > 0 } text)
            {
                continue;
            }

            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seed) || seed > LargestSeed)
            {
                return (null, $"{name} must be a number from 0 to {LargestSeed}, not '{text}'.");
            }

            seeds[name] = seed;
        }

        return (new SandboxSettings(
            Text("WOPR_SANDBOX_DIR", Path.Combine(".wopr", "sandbox")),
            urls["WOPR_SANDBOX_HETZNER_URL"],
            urls["WOPR_SANDBOX_CLOUDFLARE_URL"],
            urls["WOPR_SANDBOX_GATE_URL"],
            zone,
            pace,
            boot,
            tokens,
            Text("WOPR_SANDBOX_CLOUDFLARE_TOKEN", "sandbox-cloudflare-token-0000000000000000"),
            urls.GetValueOrDefault("WOPR_SANDBOX_PAYMENTS_URL"))
        {
            Chaos = seeds.TryGetValue("WOPR_SANDBOX_CHAOS", out var chaos) ? chaos : null,
            Seed = seeds.TryGetValue("WOPR_SANDBOX_SEED", out var drawn) ? drawn : null,
        }, null);
    }

    private static bool IsLoopback(Uri url) =>
        url.Host == "localhost" || (IPAddress.TryParse(url.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
