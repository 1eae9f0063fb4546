using Dapper;
using Npgsql;
using Wopr.Incidents;
using Wopr.Platform;
using Wopr.Platform.Work;
using Wopr.Provisioning;

namespace Wopr.Beacons;

/// <summary>What became of an agent's call. Whether a beacon exists is never told to whoever has no token for it.</summary>
public enum AgentOutcome
{
    Accepted,

    /// <summary>No beacon, no agent, another token, or a beacon that is taken down: all the same from outside.</summary>
    TokenInvalid,

    TooMany,
}

/// <summary>Agents of finished beacons: who they are, and what they said last.</summary>
public sealed class AgentStore(NpgsqlDataSource database) : IDisposable
{
    /// <summary>Calls of one beacon in <see cref="Window"/>, over all nodes. A sound agent makes two in five minutes.</summary>
    public const int MostPerWindow = 60;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    // As with callbacks: beacons gone mad queue here for a few of this node's connections.
    private readonly SemaphoreSlim places = new(8);

    public void Dispose() => places.Dispose();

    /// <summary>Part of the transaction that takes the beacon's last report; what its job installed becomes its first plan.</summary>
    public static Task RegisterAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, JobId job, AgentTokenHash hash) =>
        connection.ExecuteAsync("""
            INSERT INTO beacon_agents (job_id, token_hash) VALUES (@job, @hash)
            ON CONFLICT (job_id) DO UPDATE SET token_hash = excluded.token_hash, registered_at = now(), heartbeat_at = NULL, heartbeat = NULL;
            INSERT INTO beacon_plans (job_id, number, modules, installer_sha256, applied_at)
            SELECT id, 1, modules, installer_sha256, now() FROM jobs WHERE id = @job AND installer_sha256 IS NOT NULL
            ON CONFLICT (job_id, number) DO UPDATE SET modules = excluded.modules, installer_sha256 = excluded.installer_sha256
            """, new { job = job.Value, hash = hash.Bytes }, transaction);

    /// <summary>Whether this token may speak for this beacon; each call is counted.</summary>
    public Task<AgentOutcome> CheckAsync(JobId job, string token, CancellationToken cancellation) => InTurnAsync(async () =>
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        if (!await IsItsAsync(connection, null, job, token, cancellation)) return AgentOutcome.TokenInvalid;
        var count = await connection.ExecuteScalarAsync<int?>(new CommandDefinition("""
            UPDATE beacon_agents SET window_count = CASE WHEN window_at > now() - @Window THEN window_count + 1 ELSE 1 END,
                   window_at = CASE WHEN window_at > now() - @Window THEN window_at ELSE now() END
            WHERE job_id = @job RETURNING window_count
            """, new { job = job.Value, Window }, cancellationToken: cancellation));
        return count is null ? AgentOutcome.TokenInvalid : count > MostPerWindow ? AgentOutcome.TooMany : AgentOutcome.Accepted;
    }, cancellation);

    /// <summary>Takes the heartbeat; what it tells of becomes incidents, and what it no longer tells of ends them.</summary>
    public Task<AgentOutcome> TakeAsync(JobId job, string token, Heartbeat heartbeat, CancellationToken cancellation) =>
        InTurnAsync(() => database.InTransactionAsync(async (connection, transaction) =>
        {
            await WorkQueue.LockAsync(connection, transaction, JobStore.WorkOf(job));
            await connection.ExecuteAsync("SELECT 1 FROM jobs WHERE id = @job FOR UPDATE", new { job = job.Value }, transaction);
            // Looked at again: a body may take its time, and the beacon may have been taken down meanwhile.
            if (!await IsItsAsync(connection, transaction, job, token, cancellation)) return AgentOutcome.TokenInvalid;
            var before = await connection.QuerySingleAsync<Row>("""
                SELECT j.fqdn, a.heartbeat::text AS heartbeat, a.registered_at, now() AS now FROM beacon_agents a JOIN jobs j ON j.id = a.job_id WHERE a.job_id = @job
                """, new { job = job.Value }, transaction);
            await connection.ExecuteAsync("UPDATE beacon_agents SET heartbeat_at = now(), heartbeat = @text::jsonb WHERE job_id = @job", new { job = job.Value, text = Json.Write(heartbeat) }, transaction);
            if (heartbeat.Plan is { State: PlanState.Applied, Number: { } number }) await PlanStore.AppliedAsync(connection, transaction, job, number);

            var troubles = new HeartbeatTroubles(job, before.Fqdn, before.Now, before.RegisteredAt);
            await IncidentStore.SettleAsync(connection, transaction, HeartbeatTroubles.PrefixOf(job),
                troubles.Of(heartbeat, before.Heartbeat is null ? null : Json.Read<Heartbeat>(before.Heartbeat)), "the beacon's next heartbeat no longer tells of it");
            await IncidentStore.CloseAsync(connection, transaction, HeartbeatCheck.CauseOf(job), "the beacon was heard of again");
            return AgentOutcome.Accepted;
        }, cancellation), cancellation);

    private static async Task<bool> IsItsAsync(NpgsqlConnection connection, NpgsqlTransaction? transaction, JobId job, string token, CancellationToken cancellation)
    {
        var hash = await connection.QuerySingleOrDefaultAsync<byte[]?>(new CommandDefinition("""
            SELECT a.token_hash FROM beacon_agents a JOIN jobs j ON j.id = a.job_id
            WHERE a.job_id = @job AND j.decommission_requested_at IS NULL AND j.state NOT IN ('rolling_back', 'rolled_back', 'cancelled')
            """, new { job = job.Value }, transaction, cancellationToken: cancellation));
        return AgentTokenHash.Of(token).IsSame(hash ?? new byte[32]) && hash is not null;
    }

    private async Task<AgentOutcome> InTurnAsync(Func<Task<AgentOutcome>> work, CancellationToken cancellation)
    {
        await places.WaitAsync(cancellation);
        try
        {
            return await work();
        }
        finally
        {
            places.Release();
        }
    }

    private sealed class Row
    {
        public string Fqdn { get; init; } = "";
        public string? Heartbeat { get; init; }
        public DateTimeOffset RegisteredAt { get; init; }
        public DateTimeOffset Now { get; init; }
    }
}
