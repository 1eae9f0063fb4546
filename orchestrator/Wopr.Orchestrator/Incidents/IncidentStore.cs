using System.Text.Json;
using Dapper;
using Npgsql;
using Wopr.Platform;

namespace Wopr.Incidents;

/// <summary>
/// Open problems, one per cause. Raising the same cause again is counted, not raised again; closing it is for whoever
/// sees that it is gone. Incident rows are locked last, after work items and all other rows.
/// </summary>
public sealed class IncidentStore(NpgsqlDataSource database)
{
    /// <summary>Part of the caller's transaction. True when it is new, false when it was open already and is now counted.</summary>
    public static Task<bool> RaiseAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, Trouble trouble) =>
        connection.QuerySingleAsync<bool>("""
            INSERT INTO incidents (cause, code, severity, job_id, summary, detail) VALUES (@cause, @code, @severity, @job, @Summary, @detail::jsonb)
            ON CONFLICT (cause) WHERE closed_at IS NULL DO UPDATE SET
                count = incidents.count + 1, last_at = now(), code = excluded.code, severity = excluded.severity,
                job_id = excluded.job_id, summary = excluded.summary, detail = excluded.detail
            RETURNING count = 1
            """, new
        {
            cause = trouble.Cause.Text,
            code = trouble.Code.Value,
            severity = Word(trouble.Severity),
            job = trouble.Job?.Value,
            trouble.Summary,
            detail = Json.Write(trouble.Detail ?? new { }),
        }, transaction);

    /// <summary>Part of the caller's transaction. Counts one more for an open cause; false when it is not open, and nothing is raised.</summary>
    public static async Task<bool> CountAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, IncidentCause cause) =>
        await connection.ExecuteAsync("UPDATE incidents SET count = count + 1, last_at = now() WHERE cause = @Text AND closed_at IS NULL", new { cause.Text }, transaction) == 1;

    public Task<bool> RaiseAsync(Trouble trouble, CancellationToken cancellation) =>
        database.InTransactionAsync((connection, transaction) => RaiseAsync(connection, transaction, trouble), cancellation);

    /// <summary>Part of the caller's transaction. True when it was open.</summary>
    public static async Task<bool> CloseAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, IncidentCause cause, string why) =>
        await connection.ExecuteAsync("""
            UPDATE incidents SET closed_at = now(), closed_why = @why WHERE cause = @cause AND closed_at IS NULL
            """, new { cause = cause.Text, why }, transaction) == 1;

    public Task<bool> CloseAsync(IncidentCause cause, string why, CancellationToken cancellation) =>
        database.InTransactionAsync((connection, transaction) => CloseAsync(connection, transaction, cause, why), cancellation);

    /// <summary>
    /// For checks that look at everything of a kind: what stands is raised or counted, every other open cause that starts
    /// with <paramref name="prefix"/> is gone and closed. One transaction.
    /// </summary>
    public Task SettleAsync(string prefix, IReadOnlyCollection<Trouble> standing, string why, CancellationToken cancellation) =>
        database.InTransactionAsync((connection, transaction) => SettleAsync(connection, transaction, prefix, standing, why), cancellation);

    /// <summary>The same as part of the caller's transaction.</summary>
    public static async Task SettleAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, string prefix, IReadOnlyCollection<Trouble> standing, string why)
    {
        // In the order of their causes, so that two who settle never wait for each other.
        foreach (var trouble in standing.OrderBy(t => t.Cause.Text, StringComparer.Ordinal)) await RaiseAsync(connection, transaction, trouble);
        await connection.ExecuteAsync("""
            UPDATE incidents SET closed_at = now(), closed_why = @why
            WHERE closed_at IS NULL AND cause LIKE @pattern AND NOT cause = ANY (@causes)
            """, new { why, pattern = Pattern(prefix), causes = standing.Select(t => t.Cause.Text).ToArray() }, transaction);
    }

    /// <summary>Newest first.</summary>
    public async Task<IReadOnlyList<Incident>> ListAsync(IncidentFilter filter, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition($"""
            {Select}
            WHERE (@Open::boolean IS NULL OR (closed_at IS NULL) = @Open) AND (@job::uuid IS NULL OR job_id = @job)
              AND (@Code::text IS NULL OR code = @Code) AND (@pattern::text IS NULL OR cause LIKE @pattern) AND (@Before::bigint IS NULL OR id < @Before)
            ORDER BY id DESC LIMIT @Limit
            """, new { filter.Open, job = filter.Job?.Value, filter.Code, pattern = filter.CausePrefix is { } prefix ? Pattern(prefix) : null, filter.Before, filter.Limit },
            cancellationToken: cancellation));
        return [.. rows.Select(r => r.ToIncident())];
    }

    public async Task<Incident?> FindAsync(long id, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var row = await connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition($"{Select} WHERE id = @id", new { id }, cancellationToken: cancellation));
        return row?.ToIncident();
    }

    private const string Select = """
        SELECT id, cause, code, severity, job_id, summary, detail::text AS detail, count, first_at, last_at, closed_at, closed_why FROM incidents
        """;

    private static string Word(Severity severity) => severity == Severity.Critical ? "critical" : "warning";

    /// <summary>A LIKE pattern for everything that starts with the prefix, whatever characters it has.</summary>
    private static string Pattern(string prefix) =>
        prefix.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal) + "%";

    private sealed class Row
    {
        public long Id { get; init; }
        public string Cause { get; init; } = "";
        public string Code { get; init; } = "";
        public string Severity { get; init; } = "";
        public Guid? JobId { get; init; }
        public string Summary { get; init; } = "";
        public string Detail { get; init; } = "{}";
        public int Count { get; init; }
        public DateTimeOffset FirstAt { get; init; }
        public DateTimeOffset LastAt { get; init; }
        public DateTimeOffset? ClosedAt { get; init; }
        public string? ClosedWhy { get; init; }

        public Incident ToIncident() => new(
            Id, Cause, Code, Severity == "critical" ? Incidents.Severity.Critical : Incidents.Severity.Warning, JobId, Summary,
            JsonSerializer.Deserialize<JsonElement>(Detail), Count, FirstAt, LastAt, ClosedAt, ClosedWhy);
    }
}
