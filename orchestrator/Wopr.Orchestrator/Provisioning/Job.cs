using Wopr.Platform;
using Wopr.Provisioning.Ports;
using Wopr.Support;

namespace Wopr.Provisioning;

/// <summary>A provisioning job as its row has it.</summary>
public sealed record Job
{
    public required JobId Id { get; init; }
    public required JobState State { get; init; }
    public required DateTimeOffset StateEnteredAt { get; init; }
    public required bool DeadlinePassed { get; init; }
    public required string BeaconName { get; init; }
    public required string Fqdn { get; init; }
    public required string Bundle { get; init; }
    public required int Tier { get; init; }
    public required string Email { get; init; }
    public required string? Location { get; init; }
    public required bool Paid { get; init; }
    public required IReadOnlyList<string> Modules { get; init; }
    public required string? InstallerSha256 { get; init; }
    public required IReadOnlyList<LadderRung> Ladder { get; init; }
    public required int LadderPosition { get; init; }
    public required int ServerAttempts { get; init; }
    public required BeaconStage? Stage { get; init; }
    public required int Progress { get; init; }
    public required string? Module { get; init; }
    public required DateTimeOffset? LastCallbackAt { get; init; }
    public required ErrorCode? ReportedError { get; init; }
    public required string? Substitution { get; init; }
    public required ErrorCode? ErrorCode { get; init; }
    public required JobState? FailedState { get; init; }

    /// <summary>The provider's project that its server is in, or will be; null until one is chosen, right before the server is asked for.</summary>
    public ProjectName? Project { get; init; }

    public required bool CancelRequested { get; init; }
    public required bool DecommissionRequested { get; init; }

    /// <summary>Its server is to be removed before another is made.</summary>
    public bool RebuildRequested { get; init; }

    /// <summary>The database's clock when the row was read.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>Signals seen with this reading; see <see cref="Platform.Work.WorkQueue.ReleaseAsync"/>.</summary>
    public required long Signals { get; init; }

    /// <summary>What marks every provider resource of this job as ours.</summary>
    public string DnsComment => DnsCommentOf(Id);

    /// <summary>How the comment of every record of ours begins; the job's id follows.</summary>
    public const string DnsCommentStart = "wopr job=";

    public static string DnsCommentOf(JobId job) => $"{DnsCommentStart}{job}";
}

/// <summary>One choice of server, best first.</summary>
/// <param name="MonthlyCents">The provider's price, for the record.</param>
/// <param name="MemoryGb">In GB.</param>
/// <param name="FirstChoice">What is taken when nothing is sold out: what substitutes are measured against.</param>
public sealed record LadderRung(string ServerType, string Location, int MonthlyCents, decimal MemoryGb = 0, bool FirstChoice = false);

/// <summary>What the beacon reports, in the order of the way.</summary>
public enum BeaconStage { Boot, Packages, WoprDownload, CoreModules, AppModules, HealthReady, Complete, Error }
