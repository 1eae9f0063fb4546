using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Wopr.Platform.Work;
using Wopr.Provisioning;

namespace Wopr.Bench.Rows;

/// <summary>A job's move with its event, guarded by its lease, as every step ends, against the two statements that it comes to.</summary>
internal sealed class DataLayer : IMeasurement
{
    private const int Connections = 16;
    private const double Goal = 0.9;

    public string Name => "data";

    public async Task<IReadOnlyList<Row>> RunAsync(Effort effort)
    {
        await using var house = await BenchHouse.OpenAsync();
        var jobs = await house.AddJobsAsync(256, "deploying_wopr");
        await using var parts = house.Parts();
        var store = parts.GetRequiredService<JobStore>();
        var job = (await store.FindAsync(new JobId(jobs[0].Id), CancellationToken.None))!;
        await using var raw = await RawBatch.OpenAsync(house.ConnectionString, Connections);
        var (ours, other, ratio) = await Figures.CompareAsync(effort,
            () => Figures.RateAsync(Connections, effort.Round, (worker, i) => MoveAsync(jobs[((i * Connections) + worker) % jobs.Count].Id)),
            () => Figures.RateAsync(Connections, effort.Round, (worker, i) => raw.WriteAsync(worker, jobs[((i * Connections) + worker) % jobs.Count].Id)));
        Task MoveAsync(Guid id) =>
            store.MoveAsync(new WorkLease(new(JobStore.WorkKind, id), Fence: 0, Attempt: 1, Signals: 0), job with { Id = new JobId(id) }, job.State, null, CancellationToken.None);
        return [new($"data layer against a raw two-statement batch, {Connections} connections", "≥ 90 %", $"{ratio:P0} ({ours:0}/s against {other:0}/s)", ratio >= Goal)];
    }
}

/// <summary>What an event comes to, written as directly as it can be: two prepared statements, one round trip, one commit.</summary>
internal sealed class RawBatch : IAsyncDisposable
{
    private readonly List<(NpgsqlConnection Connection, NpgsqlBatch Batch)> lines = [];

    public static async Task<RawBatch> OpenAsync(string connectionString, int connections)
    {
        var raw = new RawBatch();
        for (var i = 0; i < connections; i++)
        {
            var connection = new NpgsqlConnection(connectionString + ";Pooling=false;Gss Encryption Mode=Disable");
            await connection.OpenAsync();
            var batch = new NpgsqlBatch(connection)
            {
                BatchCommands =
                {
                    new("UPDATE jobs SET event_seq = event_seq + 1, updated_at = now() WHERE id = $1") { Parameters = { new NpgsqlParameter<Guid>() } },
                    new("INSERT INTO events (job_id, seq, kind, data) SELECT id, event_seq, 'note', $2::jsonb FROM jobs WHERE id = $1")
                    {
                        Parameters = { new NpgsqlParameter<Guid>(), new NpgsqlParameter<string> { TypedValue = """{"message":"measured"}""" } },
                    },
                },
            };
            await batch.PrepareAsync();
            raw.lines.Add((connection, batch));
        }
        return raw;
    }

    public Task WriteAsync(int line, Guid job)
    {
        foreach (var command in lines[line].Batch.BatchCommands) ((NpgsqlParameter<Guid>)command.Parameters[0]).TypedValue = job;
        return lines[line].Batch.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (connection, batch) in lines)
        {
            await batch.DisposeAsync();
            await connection.DisposeAsync();
        }
    }
}
