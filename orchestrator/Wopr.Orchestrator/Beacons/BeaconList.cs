using Dapper;
using Npgsql;
using Wopr.Platform;
using Wopr.Provisioning;

namespace Wopr.Beacons;

/// <summary>A finished beacon in the operators' list.</summary>
/// <param name="Agent">False for one that never registered an agent.</param>
/// <param name="Plan">The number of the plan that counts.</param>
public sealed record BeaconRow(string Id, string Fqdn, bool Agent, DateTimeOffset? HeartbeatAt, int? Plan, DateTimeOffset? AppliedAt);

/// <summary>Everything about one.</summary>
/// <param name="Heartbeat">The last one.</param>
public sealed record BeaconDossier(BeaconRow Beacon, Heartbeat? Heartbeat, IReadOnlyList<PlanRow> Plans);

public sealed record PlanRow(int Number, IReadOnlyList<string> Modules, string InstallerSha256, DateTimeOffset MadeAt, DateTimeOffset? AppliedAt);

/// <summary>Finished beacons for operators.</summary>
public sealed class BeaconList(NpgsqlDataSource database)
{
    private const int Most = 500;

    private const string Select = """
        SELECT j.id, j.fqdn, a.job_id IS NOT NULL AS agent, a.heartbeat_at, a.heartbeat::text AS heartbeat, p.number AS plan, p.applied_at
        FROM jobs j LEFT JOIN beacon_agents a ON a.job_id = j.id
             LEFT JOIN LATERAL (SELECT number, applied_at FROM beacon_plans WHERE job_id = j.id ORDER BY number DESC LIMIT 1) p ON true
        WHERE j.state = 'completed'
        """;

    /// <summary>Those that were silent longest first.</summary>
    public async Task<IReadOnlyList<BeaconRow>> ListAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition($"{Select} ORDER BY a.heartbeat_at NULLS FIRST, j.id LIMIT @Most", new { Most }, cancellationToken: cancellation));
        return [.. rows.Select(r => r.ToBeacon())];
    }

    public async Task<BeaconDossier?> FindAsync(JobId job, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var row = await connection.QuerySingleOrDefaultAsync<Row?>(new CommandDefinition($"{Select} AND j.id = @job", new { job = job.Value }, cancellationToken: cancellation));
        if (row is null) return null;
        var plans = await connection.QueryAsync<StoredPlan>(new CommandDefinition(
            "SELECT number, modules, installer_sha256, made_at, applied_at FROM beacon_plans WHERE job_id = @job ORDER BY number DESC LIMIT 100", new { job = job.Value }, cancellationToken: cancellation));
        return new BeaconDossier(row.ToBeacon(), row.Heartbeat is null ? null : Json.Read<Heartbeat>(row.Heartbeat),
            [.. plans.Select(p => new PlanRow(p.Number, p.Modules, p.InstallerSha256, p.MadeAt, p.AppliedAt))]);
    }

    private sealed class Row
    {
        public Guid Id { get; init; }
        public string Fqdn { get; init; } = "";
        public bool Agent { get; init; }
        public DateTimeOffset? HeartbeatAt { get; init; }
        public string? Heartbeat { get; init; }
        public int? Plan { get; init; }
        public DateTimeOffset? AppliedAt { get; init; }

        public BeaconRow ToBeacon() => new(new JobId(Id).ToString(), Fqdn, Agent, HeartbeatAt, Plan, AppliedAt);
    }

    private sealed class StoredPlan
    {
        public int Number { get; init; }
        public string[] Modules { get; init; } = [];
        public string InstallerSha256 { get; init; } = "";
        public DateTimeOffset MadeAt { get; init; }
        public DateTimeOffset? AppliedAt { get; init; }
    }
}
