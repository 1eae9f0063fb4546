using Dapper;
using Npgsql;
using Wopr.Platform;
using Wopr.Provisioning;

namespace Wopr.Orchestrator.Tests.Operators;

/// <summary>Jobs as rows, in whatever situation a test is about.</summary>
internal static class JobRows
{
    private static int count;

    /// <summary>A job in this state with a server, a live token, and a work item that sleeps unless the job is over.</summary>
    public static async Task<JobId> InsertAsync(NpgsqlDataSource database, JobState state, JobState? failedState = null, string? code = null, string? stage = null, string? name = null)
    {
        var id = Guid.NewGuid();
        await database.InTransactionAsync((connection, transaction) => connection.ExecuteAsync("""
            INSERT INTO orders (id, source, fingerprint, bundle, tier, beacon_name, email, price_cents, currency, paid_at)
            VALUES (@id, 'checkout', decode('00', 'hex'), 'starter', 1, @name, 'anna@example.com', 2999, 'USD', now());
            INSERT INTO jobs (id, order_id, state, beacon_name, fqdn, stage, progress, modules_ready, callback_seq, error_code, failed_state, ladder_position, substitution, ended_at, name_held, server_attempts)
            VALUES (@id, @id, @state, @name, @name || '.beacons.example', @stage, 40, '{postgresql}', 9, @code, @failed, 2, 'it runs on a larger server', CASE WHEN @over THEN now() END, NOT @gone, 3);
            INSERT INTO resources (job_id, kind, name, provider_id) VALUES (@id, 'server', @name || '.beacons.example', '42');
            INSERT INTO callback_tokens (hash, job_id, fingerprint, expires_at) VALUES (uuid_send(@id), @id, 'abcdef', now() + interval '10 minutes');
            INSERT INTO events (job_id, seq, kind, data) VALUES (@id, 1, 'created', '{}');
            UPDATE jobs SET event_seq = 1 WHERE id = @id;
            INSERT INTO work_items (kind, subject, wake_at) SELECT 'provision', @id, 'infinity' WHERE NOT @over
            """, new
        {
            id,
            name = name ?? $"rows-{Interlocked.Increment(ref count)}",
            state = state.Word(),
            failed = failedState?.Word(),
            code,
            stage,
            over = state.IsOver(),
            gone = state.IsGone(),
        }, transaction), CancellationToken.None);
        return new JobId(id);
    }

    public static async Task<T> AskAsync<T>(NpgsqlDataSource database, string sql, JobId job)
    {
        await using var connection = await database.OpenConnectionAsync();
        return (await connection.QuerySingleAsync<T>(sql, new { id = job.Value }))!;
    }
}
