using Wopr.Platform;
using Wopr.Provisioning.Ports;
using Wopr.Support;

namespace Wopr.Provisioning;

/// <summary>A job as the database hands it out, on its way to being a <see cref="Job"/>.</summary>
internal class StoredJob
{
    public const string Select = $"SELECT {Columns} FROM jobs j JOIN orders o ON o.id = j.order_id LEFT JOIN work_items w ON w.kind = 'provision' AND w.subject = j.id";

    /// <summary>
    /// Of a job <c>j</c> with its order <c>o</c> and its work item <c>w</c>. A node of the version before wrote no project: it
    /// knew only the one.
    /// </summary>
    public const string Columns = """
        j.id, j.state, j.state_entered_at, j.deadline_at <= now() AS deadline_passed, j.beacon_name, j.fqdn, o.bundle, o.tier,
        o.email, o.location, o.paid_at IS NOT NULL AS paid, j.modules, j.installer_sha256, j.ladder::text AS ladder, j.ladder_position,
        j.server_attempts, j.stage, j.progress, j.module, j.last_callback_at, j.reported_error, j.substitution, j.error_code,
        j.failed_state, j.cancel_requested_at IS NOT NULL AS cancel_requested, j.decommission_requested_at IS NOT NULL AS decommission_requested,
        j.rebuild_requested_at IS NOT NULL AS rebuild_requested, coalesce(j.project, CASE WHEN j.server_attempts > 0 THEN 'main' END) AS project,
        now() AS now, coalesce(w.signals, 0) AS signals
        """;

    public Guid Id { get; init; }
    public string State { get; init; } = "";
    public DateTimeOffset StateEnteredAt { get; init; }
    public bool DeadlinePassed { get; init; }
    public string BeaconName { get; init; } = "";
    public string Fqdn { get; init; } = "";
    public string Bundle { get; init; } = "";
    public short Tier { get; init; }
    public string Email { get; init; } = "";
    public string? Location { get; init; }
    public bool Paid { get; init; }
    public string[] Modules { get; init; } = [];
    public string? InstallerSha256 { get; init; }
    public string Ladder { get; init; } = "[]";
    public int LadderPosition { get; init; }
    public int ServerAttempts { get; init; }
    public string? Stage { get; init; }
    public int Progress { get; init; }
    public string? Module { get; init; }
    public DateTimeOffset? LastCallbackAt { get; init; }
    public string? ReportedError { get; init; }
    public string? Substitution { get; init; }
    public string? ErrorCode { get; init; }
    public string? FailedState { get; init; }
    public bool CancelRequested { get; init; }
    public bool DecommissionRequested { get; init; }
    public bool RebuildRequested { get; init; }
    public string? Project { get; init; }
    public DateTimeOffset Now { get; init; }
    public long Signals { get; init; }

    public Job ToJob() => new()
    {
        Id = new JobId(Id),
        State = JobStates.Parse(State),
        StateEnteredAt = StateEnteredAt,
        DeadlinePassed = DeadlinePassed,
        BeaconName = BeaconName,
        Fqdn = Fqdn,
        Bundle = Bundle,
        Tier = Tier,
        Email = Email,
        Location = Location,
        Paid = Paid,
        Modules = Modules,
        InstallerSha256 = InstallerSha256,
        Ladder = Json.Read<List<LadderRung>>(Ladder),
        LadderPosition = LadderPosition,
        ServerAttempts = ServerAttempts,
        Stage = Stage is null ? null : BeaconStages.Parse(Stage),
        Progress = Progress,
        Module = Module,
        LastCallbackAt = LastCallbackAt,
        ReportedError = Support.ErrorCode.TryParse(ReportedError, out var reported) ? reported : null,
        Substitution = Substitution,
        ErrorCode = Support.ErrorCode.TryParse(ErrorCode, out var code) ? code : null,
        FailedState = FailedState is null ? null : JobStates.Parse(FailedState),
        CancelRequested = CancelRequested,
        DecommissionRequested = DecommissionRequested,
        RebuildRequested = RebuildRequested,
        Project = Project is null ? null : ProjectName.Parse(Project),
        Now = Now,
        Signals = Signals,
    };
}
