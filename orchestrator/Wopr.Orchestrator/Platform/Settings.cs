using Wopr.Operators.SignIn;
using Wopr.Provisioning.Ports;

namespace Wopr.Platform;

/// <summary>Everything that can be configured, read once at start from the environment (see README.md for the table).</summary>
public sealed record Settings
{
    public required int Port { get; init; }

    /// <summary>The address under which beacons and customers reach this service; HTTPS in live mode.</summary>
    public required Uri PublicUrl { get; init; }

    /// <summary>A PostgreSQL connection string.</summary>
    public required string Database { get; init; }

    /// <summary>Where mails go when no SMTP server is configured.</summary>
    public required string DataFolder { get; init; }

    /// <summary>True when the providers are the loopback emulators and nothing costs money.</summary>
    public required bool Sandbox { get; init; }

    public required HetznerAccess Hetzner { get; init; }
    public required ProviderAccess Cloudflare { get; init; }

    /// <summary>The DNS zone that beacons are named in.</summary>
    public required string Zone { get; init; }

    /// <summary>Where the sandbox's beacons answer; null on the real internet.</summary>
    public required Uri? Gate { get; init; }

    public required string? OperatorKey { get; init; }

    /// <summary>Who may sign in to the console, and how.</summary>
    public SignInSettings SignIn { get; init; } = SignInSettings.None;

    public required string SshKeyName { get; init; }

    /// <summary>When set, the key is created at the provider if it is missing.</summary>
    public required string? SshPublicKey { get; init; }

    /// <summary>Networks that may reach port 22 of beacons; none by default.</summary>
    public required IReadOnlyList<string> SshNetworks { get; init; }

    public required string Image { get; init; }

    /// <summary>How long a failed job keeps its resources so that it can be resumed or diagnosed.</summary>
    public required TimeSpan Retention { get; init; }

    /// <summary>How long a job waits for room in the provider account before it fails with HETZ-006.</summary>
    public required TimeSpan LimitWait { get; init; }

    /// <summary>The lease of every node that serves customers; only a sandbox may have another.</summary>
    public static readonly TimeSpan UsualLease = TimeSpan.FromSeconds(10);

    /// <summary>How long a node may be silent before the items that it drives are given to another.</summary>
    public required TimeSpan Lease { get; init; }

    /// <summary>The sandbox only: where tests say at which moment this process is to die; null otherwise.</summary>
    public required string? CrossingsFolder { get; init; }

    /// <summary>A factor for every deadline, other than 1 only in the sandbox: tests need not wait for minutes.</summary>
    public double DeadlineScale { get; init; } = 1;

    /// <summary>True when the sweep removes what it finds after <see cref="SweepGrace"/>; false when it only reports.</summary>
    public required bool SweepRemoves { get; init; }

    /// <summary>How long an orphan must have been seen before it is removed.</summary>
    public required TimeSpan SweepGrace { get; init; }

    /// <summary>How often orphans are looked for, and the firewall is checked.</summary>
    public required TimeSpan SweepPeriod { get; init; }

    /// <summary>How often finished beacons are looked at from outside.</summary>
    public required TimeSpan BeaconCheckPeriod { get; init; }

    public required Uri? Smtp { get; init; }
    public required string MailFrom { get; init; }

    /// <summary>How wrong this node's clock is made, for tests; zero outside the sandbox.</summary>
    public TimeSpan ClockOffset { get; init; }

    /// <summary>Where customers pay; null when nobody can.</summary>
    public PaymentAccess? Payments { get; init; }

    /// <summary>True when customers can order. With the real providers nothing is to be had for free.</summary>
    public bool ShopOpen => Sandbox || Payments is not null;
}

/// <summary>Where the payment provider's API is, the secret key for it, and the secrets that it signs events with: several while one is being changed.</summary>
/// <param name="Live">True when money moves.</param>
public sealed record PaymentAccess(Uri Endpoint, string Key, IReadOnlyList<string> WebhookSecrets, bool Live)
{
    /// <summary>The origin of the pages on which customers pay: Stripe's own, or that of another address of its API.</summary>
    public string PageOrigin => Endpoint.Host == "api.stripe.com" ? "https://checkout.stripe.com" : Endpoint.GetLeftPart(UriPartial.Authority);

    public override string ToString() => Endpoint.ToString();
}

/// <summary>Where Hetzner's API is, and the projects there: at least one.</summary>
public sealed record HetznerAccess(Uri Endpoint, IReadOnlyList<HetznerProject> Projects)
{
    public override string ToString() => $"{Endpoint} ({string.Join(", ", Projects)})";
}

/// <param name="MostServers">How many servers WOPR may have there at once; null for whatever the provider allows.</param>
/// <param name="Closed">Nothing new is placed there.</param>
public sealed record HetznerProject(ProjectName Name, string Token, int? MostServers = null, bool Closed = false)
{
    public override string ToString() => Name.Value;
}

/// <summary>Where a provider's API is, and the token for it.</summary>
public sealed record ProviderAccess(Uri Endpoint, string Token)
{
    public override string ToString() => Endpoint.ToString();
}
