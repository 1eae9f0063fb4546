using Dapper;
using Npgsql;

namespace Wopr.Operators.Boards;

/// <summary>Finished beacons, newest first, with what is wrong with each.</summary>
public sealed class BeaconBoard(NpgsqlDataSource database)
{
    public const int Page = 100;

    /// <param name="before">The end of the last one of the page before; null: from the newest.</param>
    public async Task<IReadOnlyList<BeaconFacts>> ReadAsync(DateTimeOffset? before, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return [.. await connection.QueryAsync<BeaconFacts>(new CommandDefinition("""
            SELECT j.id AS job_id, j.fqdn, o.bundle, o.tier, j.ended_at AS ready_at, r.server_type, r.location, r.ipv4, i.code, i.summary,
                   a.heartbeat_at, (a.heartbeat->'disk'->>'free_mb')::bigint * 100 / nullif((a.heartbeat->'disk'->>'total_mb')::bigint, 0) AS disk_free_percent
            FROM jobs j JOIN orders o ON o.id = j.order_id LEFT JOIN beacon_agents a ON a.job_id = j.id
            LEFT JOIN LATERAL (
                SELECT data->>'server_type' AS server_type, data->>'location' AS location, data->>'ipv4' AS ipv4
                FROM resources WHERE job_id = j.id AND kind = 'server' AND gone_at IS NULL LIMIT 1) r ON true
            LEFT JOIN LATERAL (SELECT code, summary FROM incidents WHERE job_id = j.id AND closed_at IS NULL ORDER BY id DESC LIMIT 1) i ON true
            WHERE j.state = 'completed' AND j.ended_at < @before ORDER BY j.ended_at DESC LIMIT @Page
            """, new { before = before ?? DateTimeOffset.MaxValue, Page }, cancellationToken: cancellation))];
    }
}

public sealed class BeaconFacts
{
    public Guid JobId { get; init; }
    public string Fqdn { get; init; } = "";
    public string Bundle { get; init; } = "";
    public short Tier { get; init; }
    public DateTimeOffset? ReadyAt { get; init; }
    public string? ServerType { get; init; }
    public string? Location { get; init; }
    public string? Ipv4 { get; init; }

    /// <summary>When its agent was heard of last; null: never.</summary>
    public DateTimeOffset? HeartbeatAt { get; init; }
    public long? DiskFreePercent { get; init; }

    /// <summary>Of its open incident; null when all is well as far as it is known.</summary>
    public string? Code { get; init; }
    public string? Summary { get; init; }
}
