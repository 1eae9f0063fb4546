using System.Collections.Concurrent;
using Dapper;
using Npgsql;

namespace Wopr.Provisioning;

/// <summary>How long it still takes, from the runs that came before.</summary>
/// <param name="TypicalSeconds">Half of them were ready by then, counted from now; 0 when that time has passed.</param>
/// <param name="SlowSeconds">Nine of ten were ready by then.</param>
/// <param name="Runs">How many finished jobs speak here.</param>
public sealed record Estimate(int TypicalSeconds, int SlowSeconds, int Runs);

/// <summary>
/// Looks at the last finished jobs: how long they took from the state in which a job is now. Those of the same bundle
/// when there are enough, else of all. Too few say nothing.
/// </summary>
public sealed class Estimates(NpgsqlDataSource database, TimeProvider time)
{
    private const int Enough = 5;
    private const int MostRuns = 100;

    // Nobody's estimate changes within a minute, and every page that is looked at asks.
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<(string Bundle, string State), (Spread Spread, long At)> remembered = new();

    /// <param name="inState">How long the job is in its state already.</param>
    /// <returns>Null when too few jobs have passed the state.</returns>
    public async Task<Estimate?> ForAsync(string bundle, JobState state, TimeSpan inState, CancellationToken cancellation)
    {
        if (state is JobState.Pending || state.IsOver() || state is JobState.Failed or JobState.RollingBack) return null;
        var spread = await SpreadAsync(bundle, state.Word(), cancellation);
        if (spread.Runs < Enough) return null;
        return new Estimate(Left(spread.Typical, inState), Left(spread.Slow, inState), spread.Runs);
    }

    private static int Left(double seconds, TimeSpan inState) => (int)Math.Ceiling(Math.Max(0, seconds - inState.TotalSeconds));

    private async Task<Spread> SpreadAsync(string bundle, string state, CancellationToken cancellation)
    {
        if (remembered.TryGetValue((bundle, state), out var known) && time.GetElapsedTime(known.At) < Life) return known.Spread;
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var spread = await MeasureAsync(connection, bundle, state, cancellation);
        if (spread.Runs < Enough) spread = await MeasureAsync(connection, null, state, cancellation);
        remembered[(bundle, state)] = (spread, time.GetTimestamp());
        return spread;
    }

    private static Task<Spread> MeasureAsync(NpgsqlConnection connection, string? bundle, string state, CancellationToken cancellation) =>
        connection.QuerySingleAsync<Spread>(new CommandDefinition("""
            WITH finished AS (
                SELECT j.id FROM jobs j JOIN orders o ON o.id = j.order_id
                WHERE j.state = 'completed' AND (@bundle::text IS NULL OR o.bundle = @bundle)
                ORDER BY j.created_at DESC LIMIT @MostRuns),
            runs AS (
                SELECT extract(epoch FROM max(e.at) FILTER (WHERE e.data->>'state' = 'completed') - max(e.at) FILTER (WHERE e.data->>'state' = @state)) AS seconds
                FROM finished f JOIN events e ON e.job_id = f.id AND e.kind = 'state' GROUP BY f.id)
            SELECT coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds), 0)::float8 AS typical,
                   coalesce(percentile_cont(0.9) WITHIN GROUP (ORDER BY seconds), 0)::float8 AS slow, count(seconds)::int AS runs
            FROM runs
            """, new { bundle, state, MostRuns }, cancellationToken: cancellation));

    private sealed class Spread
    {
        public double Typical { get; init; }
        public double Slow { get; init; }
        public int Runs { get; init; }
    }
}
