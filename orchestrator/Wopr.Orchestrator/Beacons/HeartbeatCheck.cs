using Dapper;
using Npgsql;
using Wopr.Incidents;
using Wopr.Platform;
using Wopr.Platform.Work;
using Wopr.Provisioning;
using Wopr.Support;

namespace Wopr.Beacons;

/// <summary>
/// Comes round and sees whose heartbeat stays away. A beacon that does not answer from outside either has its incident
/// from <see cref="BeaconCheck"/> and gets no second one.
/// </summary>
public sealed class HeartbeatCheck(NpgsqlDataSource database, WorkQueue queue, IncidentStore incidents, Settings settings, TimeProvider time) : RecurringWork(database, queue)
{
    private const string CausePrefix = "silent-agent:";

    /// <summary>Three heartbeats and a little.</summary>
    private static readonly TimeSpan Usual = TimeSpan.FromMinutes(18);

    private readonly NpgsqlDataSource database = database;
    private readonly long started = time.GetTimestamp();

    public static IncidentCause CauseOf(JobId job) => new($"{CausePrefix}{job}");

    public override string Kind => "check_heartbeats";

    private TimeSpan Allowed => Usual * settings.DeadlineScale;

    protected override TimeSpan Period => TimeSpan.FromSeconds(Math.Max(1, 60 * settings.DeadlineScale));

    protected override async Task<TimeSpan> RunAsync(WorkLease lease, CancellationToken cancellation)
    {
        // While WOPR itself was away nobody could be heard.
        var awake = time.GetElapsedTime(started);
        if (awake < Allowed) return Allowed - awake;
        await LookAsync(cancellation);
        return Period;
    }

    /// <summary>One round over all beacons that have an agent.</summary>
    public async Task LookAsync(CancellationToken cancellation)
    {
        IReadOnlyList<Silent> silent;
        await using (var connection = await database.OpenConnectionAsync(cancellation))
        {
            // What the last heartbeat of a beacon told of ends with the beacon.
            await connection.ExecuteAsync(new CommandDefinition("""
                UPDATE incidents i SET closed_at = now(), closed_why = 'the beacon is no longer' FROM jobs j
                WHERE i.closed_at IS NULL AND i.cause LIKE 'agent:%' AND j.id = i.job_id AND (j.state <> 'completed' OR j.decommission_requested_at IS NOT NULL)
                """, cancellationToken: cancellation));
            silent = [.. await connection.QueryAsync<Silent>(new CommandDefinition("""
                SELECT j.id, j.fqdn, a.heartbeat_at FROM beacon_agents a JOIN jobs j ON j.id = a.job_id
                WHERE j.state = 'completed' AND j.decommission_requested_at IS NULL AND coalesce(a.heartbeat_at, a.registered_at) < now() - @Allowed
                  AND NOT EXISTS (SELECT FROM incidents i WHERE i.cause = 'beacon:' || j.id AND i.closed_at IS NULL)
                """, new { Allowed }, cancellationToken: cancellation))];
        }
        await incidents.SettleAsync(CausePrefix, [.. silent.Select(Trouble)], "the beacon was heard of again, or does not answer from outside either, or is no longer", cancellation);
    }

    private static Trouble Trouble(Silent beacon) => new(
        CauseOf(new JobId(beacon.Id)), ErrorCodes.HeartbeatMissing, Severity.Warning, new JobId(beacon.Id),
        beacon.HeartbeatAt is { } at ? $"{beacon.Fqdn}: no heartbeat since {at:u}" : $"{beacon.Fqdn}: no heartbeat yet", new { beacon.HeartbeatAt });

    private sealed class Silent
    {
        public Guid Id { get; init; }
        public string Fqdn { get; init; } = "";
        public DateTimeOffset? HeartbeatAt { get; init; }
    }
}
