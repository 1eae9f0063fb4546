using Wopr.Beacons;
using Wopr.Provisioning;

namespace Wopr.Web;

/// <summary>What the pages need of the jobs.</summary>
public interface IJobViews
{
    /// <summary>One job as whoever holds its id may see it, or null.</summary>
    Task<JobView?> FindAsync(JobId id, CancellationToken cancellation);
}

/// <summary>A job's status, as the API shows it. Words are those of the API: <c>waiting_for_vps</c>, <c>app_modules</c>.</summary>
/// <param name="Progress">0 to 100, never going back.</param>
/// <param name="Over">Nothing moves the job on any more, except an operator.</param>
public sealed record JobView(
    JobId Id,
    string State,
    string? Stage,
    int Progress,
    string? Module,
    BeaconView Beacon,
    string Bundle,
    int Tier,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    TimeSpan Elapsed,
    Estimate? Estimate,
    bool Over,
    string? Substitution,
    JobErrorView? Error,
    IReadOnlyList<ModuleView> Modules,
    IReadOnlyList<AppView> Apps,
    IReadOnlyList<TimelineView> Timeline)
{
    /// <summary>Until when a failed job can go on; null unless it failed.</summary>
    public DateTimeOffset? KeptUntil { get; init; }

    /// <summary>How the first account is handed over; null when the page cannot do it.</summary>
    public SignInView? SignIn { get; init; }

    /// <summary>Null unless the customer's payment goes back.</summary>
    public RefundView? Refund { get; init; }
}

/// <param name="Url">Where people sign in.</param>
public sealed record SignInView(FirstSignInState State, string Url);

/// <param name="State"><c>requested</c>, <c>returned</c> or <c>failed</c>.</param>
public sealed record RefundView(string State, int Cents, string Currency);

/// <param name="Name">As the customer chose it.</param>
/// <param name="HostName">Its full name in the DNS.</param>
/// <param name="Address">The server's IPv4 address once it is known.</param>
public sealed record BeaconView(string Name, string HostName, string? Address, string Url);

public sealed record JobErrorView(string Code, string Title, string WhatHappened, string WhatWeDo, string WhatYouCanDo);

/// <param name="State"><c>waiting</c>, <c>installing</c>, <c>ready</c> or <c>failed</c>.</param>
public sealed record ModuleView(string Id, string Name, string State);

public sealed record AppView(string Id, string Name, string Summary, string Url);

/// <summary>One event of a job.</summary>
public sealed record TimelineView(
    int Seq, DateTimeOffset At, string Kind, string? State, string? Stage, string? Module, int? Progress, string? Message, string? Code);
