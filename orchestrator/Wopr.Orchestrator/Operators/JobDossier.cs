using Wopr.Audit;
using Wopr.Incidents;
using Wopr.Provisioning;
using Wopr.Provisioning.Ports;

namespace Wopr.Operators;

/// <summary>Everything that an operator needs to understand one job, and to steer it. No token, and the e-mail only when it is asked for.</summary>
public sealed record JobDossier(
    JobFacts Job,
    OrderFacts Order,
    IReadOnlyList<string> Verbs,
    WorkFacts? Work,
    IReadOnlyList<ResourceFacts> Resources,
    IReadOnlyList<ActionFacts> Actions,
    IReadOnlyList<TokenFacts> Tokens,
    IReadOnlyList<MailFacts> Mails,
    IReadOnlyList<TimelineEntry> Timeline,
    IReadOnlyList<Incident> Incidents,
    IReadOnlyList<AuditRow> Audit,
    IReadOnlyList<TraceFacts> Trace)
{
    internal ProjectName? ProjectName => Provisioning.Ports.ProjectName.TryParse(Job.Project, out var name) ? name : null;
}

public sealed class JobFacts
{
    public Guid Id { get; init; }
    public string State { get; init; } = "";
    public DateTimeOffset StateEnteredAt { get; init; }

    /// <summary>When the state ends by itself: of a failed job the end of its retention. Null: never.</summary>
    public DateTimeOffset? DeadlineAt { get; init; }
    public string BeaconName { get; init; } = "";
    public string Fqdn { get; init; } = "";
    public bool NameHeld { get; init; }
    public string? Stage { get; init; }
    public string? Module { get; init; }
    public int Progress { get; init; }
    public DateTimeOffset? LastCallbackAt { get; init; }
    public string? ErrorCode { get; init; }

    /// <summary>What was seen when it failed; the beacon's own last words when it told of the failure itself.</summary>
    public string? ErrorDetail { get; init; }
    public string? FailedState { get; init; }
    public string? Substitution { get; init; }
    public int ServerAttempts { get; init; }

    /// <summary>The provider's project that its server is in; null while none is chosen.</summary>
    public string? Project { get; init; }
    public string? InstallerSha256 { get; init; }
    public DateTimeOffset? CancelRequestedAt { get; init; }
    public DateTimeOffset? DecommissionRequestedAt { get; init; }
    public DateTimeOffset? RebuildRequestedAt { get; init; }
    public DateTimeOffset? ResumedAt { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
}

public sealed class OrderFacts
{
    public Guid Id { get; init; }
    public string Source { get; init; } = "";
    public string Bundle { get; init; } = "";
    public short Tier { get; init; }
    public string? Location { get; init; }
    public int PriceCents { get; init; }
    public string Currency { get; init; } = "";

    /// <summary>Null unless it was asked for.</summary>
    public string? Email { get; init; }
    public DateTimeOffset? PaidAt { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
}

/// <summary>The job's work item: who drives it, or when it is driven again.</summary>
public sealed class WorkFacts
{
    /// <summary>Null: only a signal wakes it.</summary>
    public DateTimeOffset? WakeAt { get; init; }
    public DateTimeOffset? LeaseUntil { get; init; }
    public string? LeaseOwner { get; init; }
    public int Attempt { get; init; }
    public long Fence { get; init; }
    public string? LastError { get; init; }
    public DateTimeOffset? QuarantinedAt { get; init; }
}

public sealed class ResourceFacts
{
    public string Kind { get; init; } = "";
    public string Name { get; init; } = "";

    /// <summary>Null: asked for, and no answer known.</summary>
    public string? ProviderId { get; init; }
    public string? ServerType { get; init; }
    public string? Location { get; init; }
    public string? Ipv4 { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? GoneAt { get; init; }
}

public sealed class ActionFacts
{
    public long Id { get; init; }
    public string Command { get; init; } = "";
    public string Status { get; init; } = "";
    public string? Error { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }
}

public sealed class TokenFacts
{
    public string Fingerprint { get; init; } = "";
    public DateTimeOffset IssuedAt { get; init; }
    public DateTimeOffset ExpiresAt { get; init; }
    public DateTimeOffset? RevokedAt { get; init; }
    public bool Live { get; init; }
}

public sealed class MailFacts
{
    public string Kind { get; init; } = "";
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? SentAt { get; init; }
    public int Attempts { get; init; }
    public string? LastError { get; init; }
}

/// <summary>One run of a step, or one call of a provider that was made for the job. Kept for 30 days.</summary>
public sealed class TraceFacts
{
    public DateTimeOffset At { get; init; }

    /// <summary><c>run</c> or <c>call</c>.</summary>
    public string Kind { get; init; } = "";

    /// <summary>The state whose step ran, or provider and operation.</summary>
    public string What { get; init; } = "";
    public string Outcome { get; init; } = "";

    /// <summary>Of a call: how often it was sent.</summary>
    public int Sent { get; init; }
    public int TookMs { get; init; }
    public string Node { get; init; } = "";
}
