using System.Diagnostics;
using Npgsql;

namespace Wopr.Bench.Rows;

/// <summary>
/// The least that a durable pipeline can be: 16 loops, each of which leases an item with SKIP LOCKED, and for each step
/// writes state and event and keeps the lease in one round trip and one commit. Others are told at most a hundred times a second.
/// </summary>
internal static class HandWritten
{
    private const int Loops = 16;

    public static async Task<double> DriveAsync(BenchHouse house, IReadOnlyList<string> way)
    {
        var done = 0;
        using var over = new CancellationTokenSource();
        var start = Stopwatch.GetTimestamp();
        var telling = TellAsync(house.ConnectionString, over.Token);
        await Task.WhenAll(Enumerable.Range(0, Loops).Select(_ => Task.Run(async () =>
        {
            await using var connection = await OpenAsync(house.ConnectionString);
            await using var lease = new NpgsqlCommand("""
                UPDATE work_items w SET lease_until = now() + interval '10 s', lease_owner = 'hand', fence = fence + 1, attempt = attempt + 1
                FROM (SELECT kind, subject FROM work_items WHERE lease_until IS NULL AND quarantined_at IS NULL AND wake_at <= now()
                      ORDER BY priority, wake_at LIMIT 1 FOR UPDATE SKIP LOCKED) due
                WHERE w.kind = due.kind AND w.subject = due.subject RETURNING w.subject
                """, connection);
            await lease.PrepareAsync();
            await using var step = Batch(connection, "UPDATE work_items SET lease_until = now() + interval '10 s', attempt = 1 WHERE kind = 'provision' AND subject = $1");
            await using var last = Batch(connection, "DELETE FROM work_items WHERE kind = 'provision' AND subject = $1");
            await step.PrepareAsync();
            await last.PrepareAsync();
            while (await lease.ExecuteScalarAsync() is Guid job)
            {
                for (var i = 1; i < way.Count; i++)
                {
                    var batch = i == way.Count - 1 ? last : step;
                    foreach (var command in batch.BatchCommands) ((NpgsqlParameter<Guid>)command.Parameters[0]).TypedValue = job;
                    ((NpgsqlParameter<string>)batch.BatchCommands[1].Parameters[1]).TypedValue = way[i];
                    await batch.ExecuteNonQueryAsync();
                }
                Interlocked.Increment(ref done);
            }
        })));
        var took = Stopwatch.GetElapsedTime(start);
        await over.CancelAsync();
        await telling;
        return done / took.TotalSeconds;
    }

    private static NpgsqlBatch Batch(NpgsqlConnection connection, string first) => new(connection)
    {
        BatchCommands =
        {
            new(first) { Parameters = { new NpgsqlParameter<Guid>() } },
            new("UPDATE jobs SET state = $2, state_entered_at = now(), event_seq = event_seq + 1, updated_at = now() WHERE id = $1")
            {
                Parameters = { new NpgsqlParameter<Guid>(), new NpgsqlParameter<string> { TypedValue = "" } },
            },
            new("INSERT INTO events (job_id, seq, kind, data) SELECT id, event_seq, 'state', jsonb_build_object('state', state) FROM jobs WHERE id = $1")
            {
                Parameters = { new NpgsqlParameter<Guid>() },
            },
        },
    };

    private static async Task TellAsync(string connectionString, CancellationToken over)
    {
        await using var connection = await OpenAsync(connectionString);
        await using var tell = new NpgsqlCommand("SELECT pg_notify('hand', '')", connection);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        try
        {
            while (await timer.WaitForNextTickAsync(over)) await tell.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // All jobs are through.
        }
    }

    private static async Task<NpgsqlConnection> OpenAsync(string connectionString)
    {
        var connection = new NpgsqlConnection(connectionString + ";Pooling=false;Gss Encryption Mode=Disable");
        await connection.OpenAsync();
        return connection;
    }
}
