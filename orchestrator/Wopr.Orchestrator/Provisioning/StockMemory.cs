using Dapper;
using Npgsql;
using Wopr.Support;

namespace Wopr.Provisioning;

/// <summary>
/// What the provider lately refused to sell, type by type and location by location. Its own stock indicator is wrong in
/// both directions; a refusal is not. The shop stops offering what is marked, and jobs try it last.
/// </summary>
public sealed class StockMemory(NpgsqlDataSource database, TimeProvider time)
{
    /// <summary>How long a node goes by what it has read: a crowd of orders asks once.</summary>
    public static readonly TimeSpan Freshness = TimeSpan.FromSeconds(1);

    /// <summary>How long a refusal is remembered. Capacity comes back within minutes to hours; asking again costs one call.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(15);

    private Known known = Known.Nothing;

    /// <summary>What is marked now, or was a second ago, and with which code.</summary>
    public async Task<StockMarks> ReadAsync(CancellationToken cancellation)
    {
        var (last, now) = (known, time.GetTimestamp());
        if (last.At is { } at && time.GetElapsedTime(at, now) < Freshness) return last.Marks;
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition(
            "SELECT server_type, location, code FROM stock_marks WHERE until > now()", cancellationToken: cancellation));
        var marks = new StockMarks(rows.ToDictionary(r => (r.ServerType, r.Location), r => new ErrorCode(r.Code)));
        // Unless something was refused meanwhile, which would be forgotten for a second.
        Interlocked.CompareExchange(ref known, new(now, marks), last);
        return marks;
    }

    public async Task RefusedAsync(LadderRung rung, ErrorCode code, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition("""
            INSERT INTO stock_marks (server_type, location, code, until) VALUES (@ServerType, @Location, @code, now() + @Life)
            ON CONFLICT (server_type, location) DO UPDATE SET code = excluded.code, until = excluded.until
            """, new { rung.ServerType, rung.Location, code = code.Value, Life }, cancellationToken: cancellation));
        known = Known.Nothing;
    }

    /// <summary>One of <c>@ServerType</c> was sold in <c>@Location</c>: it is there again. Said among other statements.</summary>
    public const string SoldSql = "DELETE FROM stock_marks WHERE server_type = @ServerType AND location = @Location";

    private sealed record Known(long? At, StockMarks Marks)
    {
        /// <summary>Another each time, so that it can be told from the one before.</summary>
        public static Known Nothing => new(null, StockMarks.None);
    }

    private sealed record Row(string ServerType, string Location, string Code);
}

/// <summary>The marks as they were when they were read.</summary>
public sealed record StockMarks(IReadOnlyDictionary<(string ServerType, string Location), ErrorCode> All)
{
    public static readonly StockMarks None = new(new Dictionary<(string, string), ErrorCode>());

    public bool Has(LadderRung rung) => All.ContainsKey((rung.ServerType, rung.Location));

    public ErrorCode? CodeOf(LadderRung rung) => All.TryGetValue((rung.ServerType, rung.Location), out var code) ? code : null;
}
