using System.Text.Json;
using Dapper;
using Npgsql;
using Wopr.Platform;

namespace Wopr.Provisioning;

/// <summary>The kinds of a job's events; also the names of the live stream's events.</summary>
public static class EventKind
{
    public const string Created = "created";
    public const string State = "state";
    public const string Stage = "stage";
    public const string Module = "module";
    public const string Substitution = "substitution";
    public const string Error = "error";
    public const string Note = "note";
    public const string Ended = "completed";
}

/// <summary>One event of a job, numbered from 1 without gaps.</summary>
public sealed record JobEvent(int Seq, DateTimeOffset At, string Kind, JsonElement Data);

/// <summary>Appends and reads events. Data holds no secret and nothing personal.</summary>
public sealed class JobEvents(NpgsqlDataSource database)
{
    /// <summary>Part of the caller's transaction; the job's row is locked by it, which is what numbers the events.</summary>
    public static async Task<int> AppendAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, JobId job, string kind, object data)
    {
        var written = Json.Element(data);
        var place = await connection.QuerySingleAsync<Place>(AppendSql, new { job = job.Value, eventKind = kind, eventData = written.GetRawText() }, transaction);
        await Announcements.TellAsync(connection, transaction, NewsOf(job, place.Of(kind, written)));
        return place.Seq;
    }

    /// <summary>The same among other statements, which returns its <see cref="Place"/>, with <c>@job</c>, <c>@eventKind</c> and <c>@eventData</c>, where the job's row is such as the condition says.</summary>
    public static string AppendSqlWhere(string condition) => $"""
        WITH numbered AS (UPDATE jobs SET event_seq = event_seq + 1, updated_at = now() WHERE id = @job AND {condition} RETURNING event_seq)
        INSERT INTO events (job_id, seq, at, kind, data)
        SELECT @job, event_seq, clock_timestamp(), @eventKind, @eventData::jsonb FROM numbered
        RETURNING seq, at
        """;

    public static readonly string AppendSql = AppendSqlWhere("true");

    /// <param name="happened">Where it is known whole; else it is looked up.</param>
    public static Announcement NewsOf(JobId job, JobEvent? happened = null) => new(EventHub.Channel, job.ToString()) { Row = happened };

    /// <summary>What every status, stream and console asks.</summary>
    public const string ListSql = "SELECT seq, at, kind, data::text AS data FROM events WHERE job_id = @id AND seq > @after ORDER BY seq LIMIT @limit";

    public async Task<IReadOnlyList<JobEvent>> ListAsync(JobId job, int after, int limit, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return EventsOf(await connection.QueryAsync<Row>(new CommandDefinition(ListSql, new { id = job.Value, after, limit }, cancellationToken: cancellation)));
    }

    /// <summary>What <see cref="ListSql"/> returns among other statements.</summary>
    public static async Task<IReadOnlyList<JobEvent>> ReadAsync(SqlMapper.GridReader found) => EventsOf(await found.ReadAsync<Row>());

    private static IReadOnlyList<JobEvent> EventsOf(IEnumerable<Row> rows) => [.. rows.Select(r => new JobEvent(r.Seq, r.At, r.Kind, JsonSerializer.Deserialize<JsonElement>(r.Data)))];

    /// <summary>Where an event was put.</summary>
    public sealed class Place
    {
        public int Seq { get; init; }
        public DateTimeOffset At { get; init; }

        public JobEvent Of(string kind, JsonElement data) => new(Seq, At, kind, data);
    }

    private sealed class Row
    {
        public int Seq { get; init; }
        public DateTimeOffset At { get; init; }
        public string Kind { get; init; } = "";
        public string Data { get; init; } = "{}";
    }
}
