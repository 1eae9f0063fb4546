using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Npgsql;

namespace Wopr.Platform;

/// <summary>Reads the environment; every problem is one clear line, and all are found at once.</summary>
public sealed partial class SettingsReader(Func<string, string?> environment)
{
    private readonly List<string> problems = [];

    /// <summary>The settings, or the problems that keep the service from starting.</summary>
    public (Settings? Settings, IReadOnlyList<string> Problems) Read()
    {
        var settings = ReadAll();
        return problems.Count == 0 ? (settings, []) : (null, problems);
    }

    private Settings ReadAll()
    {
        var hasHetzner = Text("HCLOUD_TOKEN") is not null || Text("HCLOUD_PROJECTS") is not null;
        var cloudflareToken = Text("CLOUDFLARE_API_TOKEN");
        var sandbox = !hasHetzner && cloudflareToken is null;
        var port = Number("WOPR_PORT", 8001, 1, 65535);
        if (!sandbox)
        {
            RequireLive(hasHetzner, cloudflareToken);
            foreach (var name in new[] { "WOPR_SANDBOX_LEASE_SECONDS", "WOPR_SANDBOX_CROSSINGS" })
                if (Text(name) is not null) problems.Add($"{name} is for tests in the sandbox, and the tokens of the real providers are set");
        }

        return new Settings
        {
            Port = port,
            PublicUrl = PublicUrl(sandbox, port),
            Database = Database(),
            DataFolder = Path.GetFullPath(Text("WOPR_DATA") ?? ".wopr"),
            Sandbox = sandbox,
            Hetzner = sandbox
                ? new(SandboxUrl("WOPR_SANDBOX_HETZNER_URL", "/v1"), Projects("WOPR_SANDBOX_HETZNER", SandboxToken))
                : new(Url("HCLOUD_ENDPOINT") ?? new Uri("https://api.hetzner.cloud/v1"), Projects("HCLOUD")),
            Cloudflare = sandbox
                ? new(SandboxUrl("WOPR_SANDBOX_CLOUDFLARE_URL", "/client/v4"), Text("WOPR_SANDBOX_CLOUDFLARE_TOKEN") ?? "sandbox-cloudflare-token-0000000000000000")
                : new(Url("CLOUDFLARE_BASE_URL") ?? new Uri("https://api.cloudflare.com/client/v4"), cloudflareToken ?? ""),
            Zone = Zone(sandbox),
            Gate = sandbox ? SandboxUrl("WOPR_SANDBOX_GATE_URL", "") : null,
            Payments = Payments(sandbox),
            ClockOffset = ClockOffset(sandbox),
            OperatorKey = OperatorKey(),
            SignIn = SignIn(sandbox),
            SshKeyName = Text("WOPR_SSH_KEY_NAME") ?? "wopr",
            SshPublicKey = Text("WOPR_SSH_PUBLIC_KEY") ?? (sandbox ? SandboxPublicKey : null),
            SshNetworks = Networks("WOPR_SSH_NETWORKS"),
            Image = Text("WOPR_IMAGE") ?? "debian-13",
            Retention = TimeSpan.FromMinutes(Number("WOPR_RETENTION_MINUTES", 120, 0, 100_000)),
            LimitWait = TimeSpan.FromSeconds(Number("WOPR_LIMIT_WAIT_SECONDS", 300, 0, 1500)),
            Lease = sandbox ? TimeSpan.FromSeconds(Number("WOPR_SANDBOX_LEASE_SECONDS", (int)Settings.UsualLease.TotalSeconds, 1, 3600)) : Settings.UsualLease,
            CrossingsFolder = sandbox ? Text("WOPR_SANDBOX_CROSSINGS") : null,
            DeadlineScale = DeadlineScale(sandbox),
            SweepRemoves = Choice("WOPR_SWEEP", "report", "remove") == "remove",
            SweepGrace = TimeSpan.FromMinutes(Number("WOPR_SWEEP_GRACE_MINUTES", 1440, 0, 100_000)),
            SweepPeriod = TimeSpan.FromMinutes(Number("WOPR_SWEEP_MINUTES", 15, 1, 1440)),
            BeaconCheckPeriod = TimeSpan.FromMinutes(Number("WOPR_BEACON_CHECK_MINUTES", 5, 1, 1440)),
            Smtp = Smtp(),
            MailFrom = Text("WOPR_MAIL_FROM") ?? $"wopr@{Text("WOPR_ZONE") ?? "beacons.localhost"}",
        };
    }

    // A syntactically valid key whose private half nobody has: the sandbox never opens an SSH session.
    private const string SandboxPublicKey =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEy wopr-sandbox";

    private void RequireLive(bool hasHetzner, string? cloudflareToken)
    {
        if (!hasHetzner) problems.Add("HCLOUD_TOKEN is missing: CLOUDFLARE_API_TOKEN is set, and both are needed for the real providers (set neither for the sandbox)");
        if (cloudflareToken is null) problems.Add("CLOUDFLARE_API_TOKEN is missing: HCLOUD_TOKEN is set, and both are needed for the real providers (set neither for the sandbox)");
    }

    private Uri PublicUrl(bool sandbox, int port)
    {
        var url = Url("WOPR_PUBLIC_URL");
        if (sandbox) return url ?? new Uri($"http://127.0.0.1:{port}");
        if (url is null) problems.Add("WOPR_PUBLIC_URL is missing: with the real providers, beacons must be told where to call back");
        else if (url.Scheme != Uri.UriSchemeHttps) problems.Add($"WOPR_PUBLIC_URL '{url}' is not HTTPS: the callback token would travel in the clear");
        return url ?? new Uri("https://invalid.invalid");
    }

    private string Database()
    {
        var text = Text("WOPR_DATABASE");
        if (text is null)
        {
            problems.Add("WOPR_DATABASE is missing: give a PostgreSQL connection string, or start with deploy/up, which brings a private one");
            return "";
        }
        try
        {
            _ = new NpgsqlConnectionStringBuilder(text);
        }
        catch (ArgumentException)
        {
            problems.Add("WOPR_DATABASE is not a PostgreSQL connection string (Host=…;Database=…;Username=…)");
        }
        return text;
    }

    private string Zone(bool sandbox)
    {
        var zone = Text("WOPR_ZONE");
        if (zone is null)
        {
            if (!sandbox) problems.Add("WOPR_ZONE is missing: name the Cloudflare zone that beacons are named in");
            return "beacons.localhost";
        }
        if (!ZoneShape().IsMatch(zone)) problems.Add($"WOPR_ZONE '{zone}' is not a domain name");
        return zone.ToLowerInvariant();
    }

    /// <summary>Stripe where its keys are given; else the sandbox's own where that runs. Test and live mode are never mixed.</summary>
    private PaymentAccess? Payments(bool sandbox)
    {
        var key = Text("STRIPE_SECRET_KEY");
        var secrets = (Text("STRIPE_WEBHOOK_SECRETS") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (key is null && secrets.Length == 0)
            return sandbox && Url("WOPR_SANDBOX_PAYMENTS_URL") is { } url ? new(new Uri(url, "/v1"), "sk_test_sandbox", ["whsec_sandbox"], Live: false) : null;
        if (key is null || secrets.Length == 0)
        {
            problems.Add($"{(key is null ? "STRIPE_SECRET_KEY" : "STRIPE_WEBHOOK_SECRETS")} is missing: both are needed to take payments");
            return null;
        }
        if (!KeyShape().IsMatch(key)) problems.Add("STRIPE_SECRET_KEY is not a secret key (sk_live_…, rk_live_…, sk_test_… or rk_test_…)");
        if (secrets.Any(s => !s.StartsWith("whsec_", StringComparison.Ordinal))) problems.Add("STRIPE_WEBHOOK_SECRETS is not a list of webhook secrets (whsec_…, with commas between)");
        var live = key.Contains("_live_", StringComparison.Ordinal);
        if (live && sandbox) problems.Add("STRIPE_SECRET_KEY is a live key, but the clouds are the sandbox's: nobody can pay money for a made-up server");
        if (!live && !sandbox) problems.Add("STRIPE_SECRET_KEY is a test key, but the clouds are real: anybody could order for nothing");
        return new(Url("STRIPE_ENDPOINT") ?? new Uri("https://api.stripe.com/v1"), key, secrets, live);
    }

    private TimeSpan ClockOffset(bool sandbox)
    {
        var seconds = Number("WOPR_CLOCK_OFFSET_SECONDS", 0, -400_000_000, 400_000_000);
        if (seconds != 0 && !sandbox) problems.Add("WOPR_CLOCK_OFFSET_SECONDS makes this node's clock wrong for a test, which is not done with the real providers");
        return TimeSpan.FromSeconds(seconds);
    }

    private string? OperatorKey()
    {
        var key = Text("WOPR_OPERATOR_KEY");
        if (key is { Length: < 20 }) problems.Add("WOPR_OPERATOR_KEY is shorter than 20 characters");
        return key;
    }

    private List<string> Networks(string name)
    {
        var networks = (Text(name) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        foreach (var network in networks.Where(n => !IPNetwork.TryParse(n, out _)))
            problems.Add($"{name}: '{network}' is not a network such as 192.0.2.0/24");
        return [.. networks];
    }

    private double DeadlineScale(bool sandbox)
    {
        var text = Text("WOPR_DEADLINE_SCALE");
        if (text is null) return 1;
        if (!sandbox) problems.Add("WOPR_DEADLINE_SCALE is for tests in the sandbox; with the real providers deadlines are what README.md says");
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var scale) && scale is >= 0.0001 and <= 100) return scale;
        problems.Add($"WOPR_DEADLINE_SCALE '{text}' is not a number from 0.0001 to 100");
        return 1;
    }

    private Uri? Smtp()
    {
        var url = Url("WOPR_SMTP_URL", "smtp", "smtps");
        return url;
    }

    private Uri SandboxUrl(string name, string suffix)
    {
        var url = Url(name);
        if (url is null)
        {
            problems.Add($"{name} is missing: without HCLOUD_TOKEN the service talks to the sandbox, which deploy/up starts");
            return new Uri("http://127.0.0.1:1");
        }
        return new Uri(url.ToString().TrimEnd('/') + suffix);
    }

    private Uri? Url(string name, params string[] schemes)
    {
        var text = Text(name);
        if (text is null) return null;
        if (schemes.Length == 0) schemes = [Uri.UriSchemeHttp, Uri.UriSchemeHttps];
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && schemes.Contains(url.Scheme)) return url;
        problems.Add($"{name} is not an address ({string.Join(" or ", schemes)}://…)");
        return null;
    }

    private int Number(string name, int fallback, int least, int most)
    {
        var text = Text(name);
        if (text is null) return fallback;
        var sign = least < 0 ? NumberStyles.AllowLeadingSign : NumberStyles.None;
        if (int.TryParse(text, sign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most) return number;
        problems.Add($"{name} '{text}' is not a number from {least} to {most}");
        return fallback;
    }

    /// <summary>The first is the default.</summary>
    private string Choice(string name, params string[] words)
    {
        var text = Text(name) ?? words[0];
        if (words.Contains(text, StringComparer.Ordinal)) return text;
        problems.Add($"{name} '{text}' is not one of {string.Join(", ", words)}");
        return words[0];
    }

    private string? Text(string name)
    {
        var value = environment(name);
        return string.IsNullOrWhiteSpace(value) ? null : value.Trim();
    }

    [GeneratedRegex("^[sr]k_(live|test)_[A-Za-z0-9_]{4,}$", RegexOptions.CultureInvariant)]
    private static partial Regex KeyShape();

    [GeneratedRegex("^(?=.{1,190}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$", RegexOptions.IgnoreCase)]
    private static partial Regex ZoneShape();
}
