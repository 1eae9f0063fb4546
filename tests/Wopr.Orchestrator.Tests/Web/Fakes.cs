using System.Net;
using Wopr.Operators.SignIn;
using Wopr.Provisioning;
using Wopr.Support;
using Wopr.Web;

namespace Wopr.Orchestrator.Tests.Web;

/// <summary>A shop with one bundle that can be ordered and three that are coming; remembers what it was asked for.</summary>
internal sealed class FakeShop : IShop
{
    public static readonly JobId Placed = new(Guid.Parse("11111111-2222-4333-8444-555555555555"));

    public bool Open { get; set; } = true;

    public List<(ShopForm Form, string Key)> Orders { get; } = [];

    public ShopOutcome Outcome { get; set; } = new ShopOutcome.Placed(Placed);

    public IReadOnlyList<ShopBundle> Bundles { get; set; } =
    [
        new("starter", "Starter", true, "Files, documents, a wiki, tasks and passwords: the everyday set.",
            ["nextcloud", "collabora", "outline", "vikunja", "vaultwarden", "uptime-kuma"], [2999, 4599, 6599], true),
        new("family", "Family", true, "Photos, films, files and passwords for everybody at home.",
            ["nextcloud", "collabora", "immich", "vaultwarden", "jellyfin", "ntfy", "uptime-kuma", "adguard"], [5599, 7999, 11999], false),
        new("enterprise", "Enterprise", true, "The whole house.", ["nextcloud", "mailcow"], [24999, 34999, null], false),
        new("writer_studio", "Writer's <Studio>", false, "Publish, collect, outline and see who reads.",
            ["ghost", "linkwarden", "outline", "plausible", "freshrss"], [2999, 4599, 6599], false),
    ];

    public Task<ShopView> ViewAsync(CancellationToken cancellation) => Task.FromResult(new ShopView(
        Open,
        "USD",
        [new(1, 50, 4, 5, 7), new(2, 200, 8, 25, 30), new(3, 500, 16, 100, 90)],
        Bundles,
        [new("fsn1", "Falkenstein", "DE", false), new("hel1", "Helsinki", "FI", false) { SoldOutTiers = [3], Instead = "Falkenstein" }, new("sin", "Singapore", "SG", true)]));

    public Task<ShopOutcome> PlaceAsync(ShopForm form, string idempotencyKey, CancellationToken cancellation)
    {
        Orders.Add((form, idempotencyKey));
        return Task.FromResult(Outcome);
    }
}

/// <summary>Jobs in every situation that a page has to show.</summary>
internal sealed class FakeJobs : IJobViews
{
    public static readonly DateTimeOffset Start = new(2025, 3, 14, 9, 26, 53, TimeSpan.Zero);

    private static readonly string[] States =
    [
        "pending", "payment_received", "provisioning_vps", "configuring_dns", "waiting_for_vps", "deploying_wopr", "verifying", "generating_docs", "sending_welcome", "completed",
    ];

    private static readonly (string Id, string Name, string Host)[] Modules =
    [
        ("postgresql", "PostgreSQL", ""), ("redis", "Redis", ""), ("caddy", "Caddy", ""), ("authentik", "Authentik", ""),
        ("nextcloud", "Nextcloud", "files"), ("collabora", "Collabora Online", "office"), ("outline", "Outline", "wiki"),
        ("vikunja", "Vikunja", "tasks"), ("vaultwarden", "Vaultwarden", "vault"), ("uptime-kuma", "Uptime Kuma", "status"),
    ];

    private int looks;

    public List<JobView> All { get; } = [];

    /// <summary>One job as it looks from one visit to the next; the last look stays.</summary>
    public IReadOnlyList<JobView> Life { get; set; } = [];

    public Task<JobView?> FindAsync(JobId id, CancellationToken cancellation) => Task.FromResult(
        Life.Count > 0 && Life[0].Id == id ? Life[Math.Min(Interlocked.Increment(ref looks), Life.Count) - 1] : All.FirstOrDefault(j => j.Id == id));

    /// <summary>A job that came as far as <paramref name="state"/>; with so many modules ready where it installs.</summary>
    public static JobView On(string state, int ready = 0, int number = 1)
    {
        var reached = Array.IndexOf(States, state);
        var timeline = new List<TimelineView> { new(1, Start, "created", "pending", null, null, 0, null, null) };
        for (var i = 1; i <= reached; i++)
            timeline.Add(new(i + 1, Start.AddSeconds(20 * i), state == "completed" && i == reached ? "completed" : "state", States[i], null, null, null, null, null));
        var over = state == "completed";
        return new JobView(
            new JobId(new Guid(number, 0, 0x4000, 0x80, 0, 0, 0, 0, 0, 0, 1)),
            state,
            state == "deploying_wopr" ? "app_modules" : over ? "complete" : null,
            over ? 100 : reached * 8 + ready * 5,
            null,
            new BeaconView($"beacon-{number}", $"beacon-{number}.beacons.example", reached > 2 ? "198.18.0.7" : null, $"https://beacon-{number}.beacons.example/"),
            "starter",
            1,
            Start,
            Start.AddSeconds(20 * reached),
            TimeSpan.FromSeconds(20 * reached),
            over ? null : new Estimate(240, 400, 12),
            over,
            null,
            null,
            [.. Modules.Select((m, i) => new ModuleView(m.Id, m.Name, over || i < ready ? "ready" : i == ready && state == "deploying_wopr" ? "installing" : "waiting"))],
            [.. Modules.Where(m => m.Host.Length > 0).Select(m => new AppView(m.Id, m.Name, AppTexts.Of(m.Id).Purpose, $"https://{m.Host}.beacon-{number}.beacons.example/"))],
            timeline);
    }

    /// <summary>A job that failed while it was in <paramref name="state"/>.</summary>
    public static JobView FailedIn(string state, ErrorCode code, int ready = 0, int number = 2)
    {
        var job = On(state, ready, number);
        var entry = ErrorCatalogue.Load()[code];
        return job with
        {
            State = "failed",
            Error = new JobErrorView(code.Value, entry.Title, entry.Customer.WhatHappened, entry.Customer.WhatWeDo, entry.Customer.WhatYouCanDo),
            Modules = [.. job.Modules.Select(m => m.State == "installing" ? m with { State = "failed" } : m)],
            Timeline = [.. job.Timeline, new(job.Timeline.Count + 1, job.UpdatedAt, "error", "failed", "error", null, null, null, code.Value)],
        };
    }
}

/// <summary>One key for each role, one account, and a visitor who has tried too often.</summary>
internal sealed class FakeSignIn : ISignInDesk
{
    public const string Key = "right-key";

    public const string Name = "key of the tests";

    public const string Password = "right password";

    /// <summary>Whether sessions go on.</summary>
    public bool Holds { get; set; } = true;

    /// <summary>Whether the database that knows the sessions is away.</summary>
    public bool IsAway { get; set; }

    public static string KeyOf(OperatorRole role) => role == OperatorRole.Admin ? Key : $"{role.Word()}-key";

    public Task<SignInOutcome> WithPasswordAsync(string name, string password, IPAddress? address, CancellationToken cancellation) => Task.FromResult<SignInOutcome>(
        name == "eager" ? new SignInOutcome.TooOften(TimeSpan.FromMinutes(7))
        : name == "anna" && password == Password ? new SignInOutcome.Welcome(new(SignInSource.Account, name, OperatorRole.Operator))
        : new SignInOutcome.Refused());

    public Task<SignInOutcome> WithKeyAsync(string key, IPAddress? address, CancellationToken cancellation) => Task.FromResult<SignInOutcome>(
        Enum.GetValues<OperatorRole>().Where(r => KeyOf(r) == key).Select(r => new SignInOutcome.Welcome(new(SignInSource.Key, Name, r))).FirstOrDefault() as SignInOutcome
        ?? new SignInOutcome.Refused());

    public Task<bool> StillHoldsAsync(OperatorIdentity who, CancellationToken cancellation) => IsAway ? throw new Npgsql.NpgsqlException("secret detail") : Task.FromResult(Holds);
}
