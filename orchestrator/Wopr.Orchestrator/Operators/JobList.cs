using System.Globalization;
using Dapper;
using Npgsql;
using Wopr.Provisioning;

namespace Wopr.Operators;

/// <summary>The operators' list of jobs: newest first, filtered, page by page. Every filter has an index behind it.</summary>
public sealed class JobList(NpgsqlDataSource database)
{
    public async Task<JobPage> ListAsync(JobFilter filter, CancellationToken cancellation)
    {
        var (sql, parameters) = Query(filter);
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rows = (await connection.QueryAsync<JobSummary>(new CommandDefinition(sql, parameters, cancellationToken: cancellation))).AsList();
        var more = rows.Count > filter.Limit;
        if (more) rows.RemoveAt(rows.Count - 1);
        return new JobPage(rows, more ? new JobCursor(rows[^1].CreatedAt, rows[^1].JobId).ToString() : null);
    }

    /// <summary>Only the conditions that are asked for, so that each has its own plan.</summary>
    public static (string Sql, DynamicParameters Parameters) Query(JobFilter filter)
    {
        var parameters = new DynamicParameters();
        var conditions = new List<string>();
        void Where(string condition, string name, object value)
        {
            conditions.Add(condition);
            parameters.Add(name, value);
        }

        if (filter.States is [var only]) Where("j.state = @state", "state", only.Word());
        else if (filter.States.Count > 0) Where("j.state = ANY (@states)", "states", filter.States.Select(s => s.Word()).ToArray());
        if (filter.Code is { } code) Where("j.error_code = @code", "code", code);
        if (filter.Text is { } text) AddText(text);
        if (filter.After is { } after)
        {
            Where("(j.created_at, j.id) < (@at, @id)", "at", after.At);
            parameters.Add("id", after.Id);
        }
        parameters.Add("limit", filter.Limit + 1);
        var where = conditions.Count == 0 ? "" : $"WHERE {string.Join(" AND ", conditions)}";
        return ($"""
            SELECT j.id AS job_id, j.beacon_name AS beacon, j.fqdn, o.bundle, o.tier, j.project, j.state, j.stage, j.progress, j.error_code,
                   j.created_at, j.updated_at, j.ended_at
            FROM jobs j JOIN orders o ON o.id = j.order_id {where}
            ORDER BY j.created_at DESC, j.id DESC LIMIT @limit
            """, parameters);

        // A name is sought by its beginning, and so is an id of at least four hexadecimal digits.
        void AddText(string sought)
        {
            parameters.Add("pattern", Escape(sought.ToLowerInvariant()) + "%");
            if (JobIdRange.Of(sought) is not { } range)
            {
                conditions.Add("j.fqdn LIKE @pattern");
                return;
            }
            conditions.Add("(j.fqdn LIKE @pattern OR j.id BETWEEN @low AND @high)");
            parameters.Add("low", range.Low);
            parameters.Add("high", range.High);
        }
    }

    private static string Escape(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal);
}

/// <param name="States">Empty: all.</param>
/// <param name="Text">How a beacon's name, its full name or the job's id begins.</param>
/// <param name="Limit">1 to <see cref="LargestPage"/>.</param>
public sealed record JobFilter(IReadOnlyList<JobState> States, string? Code = null, string? Text = null, JobCursor? After = null, int Limit = JobFilter.UsualPage)
{
    public const int UsualPage = 50;
    public const int LargestPage = 200;
    public const int LongestText = 253;
}

/// <summary>The last row of a page, after which the next begins.</summary>
public sealed record JobCursor(DateTimeOffset At, Guid Id)
{
    public static JobCursor? Parse(string? text)
    {
        var parts = text?.Split('~') ?? [];
        return parts is [var ticks, var id] && long.TryParse(ticks, NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at <= DateTimeOffset.MaxValue.Ticks
               && Guid.TryParseExact(id, "N", out var guid)
            ? new JobCursor(new DateTimeOffset(at, TimeSpan.Zero), guid)
            : null;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{At.UtcTicks}~{Id:N}");
}

/// <param name="Next">The cursor of the next page, or null at the end.</param>
public sealed record JobPage(IReadOnlyList<JobSummary> Jobs, string? Next);

public sealed class JobSummary
{
    public Guid JobId { get; init; }
    public string Beacon { get; init; } = "";
    public string Fqdn { get; init; } = "";
    public string Bundle { get; init; } = "";
    public short Tier { get; init; }

    /// <summary>The provider's project that its server is in; null while none is chosen.</summary>
    public string? Project { get; init; }
    public string State { get; init; } = "";
    public string? Stage { get; init; }
    public int Progress { get; init; }
    public string? ErrorCode { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
}

/// <summary>All ids that begin with some hexadecimal digits.</summary>
internal static class JobIdRange
{
    private const int Least = 4;
    private const int Digits = 32;

    public static (Guid Low, Guid High)? Of(string text)
    {
        var digits = text.Replace("-", "", StringComparison.Ordinal);
        if (digits.Length is < Least or > Digits || !digits.All(char.IsAsciiHexDigit)) return null;
        return (Guid.ParseExact(digits.PadRight(Digits, '0'), "N"), Guid.ParseExact(digits.PadRight(Digits, 'f'), "N"));
    }
}
