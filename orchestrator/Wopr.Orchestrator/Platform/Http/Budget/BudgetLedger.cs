using Npgsql;
using NpgsqlTypes;

namespace Wopr.Platform.Http.Budget;

/// <summary>The row of <c>provider_budgets</c> that all nodes share: one statement leases a handful of calls.</summary>
/// <remarks>All times are the database's: nodes whose clocks differ share one bucket all the same.</remarks>
internal sealed class BudgetLedger(NpgsqlDataSource database)
{
    private const string Open = """
        insert into provider_budgets (key, capacity, calls_left, refill_per_second, refilled_at)
        values (@key, @capacity, @capacity, @refill, now())
        on conflict (key) do nothing
        """;

    private const string Lease = """
        with grown as (
            select key, blocked_until,
                   coalesce(@limit, capacity) as capacity,
                   coalesce(@refill, refill_per_second * coalesce(@limit / capacity, 1)) as refill,
                   least(coalesce(@limit, capacity), @remaining,
                         calls_left + @unspent
                             + refill_per_second * greatest(0, extract(epoch from now() - refilled_at)::double precision)) as have
            from provider_budgets where key = @key for update),
        granted as (
            select *, case when blocked_until > now() then 0
                           else greatest(0, least(@most, floor((have - @reserve) / 4), floor(have - @reserve))) end as share,
                      case when blocked_until > now() or have - @reserve < 1 then 0 else 1 end as least_share
            from grown)
        update provider_budgets b
        set capacity = g.capacity, refill_per_second = g.refill, refilled_at = greatest(b.refilled_at, now()),
            calls_left = g.have - greatest(g.share, g.least_share)
        from granted g where b.key = g.key
        returning greatest(g.share, g.least_share)::int, b.calls_left, b.refill_per_second, extract(epoch from b.blocked_until - now())::double precision
        """;

    private const string Block = """
        update provider_budgets
        set calls_left = 0, refilled_at = greatest(refilled_at, now() + @time),
            blocked_until = greatest(blocked_until, now() + @time)
        where key = @key
        """;

    /// <summary>Leases up to <paramref name="most"/> calls, at most a quarter of what is there above the reserve, at least one if there is one.</summary>
    /// <param name="unspent">Calls of an earlier lease that are given back.</param>
    public async Task<Grant> LeaseAsync(BudgetAccount account, int most, double reserve, int unspent, RateReading? reading, CancellationToken cancellation)
    {
        if (await TryLeaseAsync(account, most, reserve, unspent, reading, cancellation) is { } grant) return grant;
        await ExecuteAsync(Open, account, cancellation, ("capacity", account.Capacity), ("refill", account.RefillPerSecond));
        return await TryLeaseAsync(account, most, reserve, unspent, reading, cancellation)
            ?? throw new InvalidOperationException($"The budget {account.Key} vanished while it was opened");
    }

    public async Task BlockAsync(BudgetAccount account, TimeSpan time, CancellationToken cancellation)
    {
        await ExecuteAsync(Open, account, cancellation, ("capacity", account.Capacity), ("refill", account.RefillPerSecond));
        await ExecuteAsync(Block, account, cancellation, ("time", time));
    }

    private async Task<Grant?> TryLeaseAsync(BudgetAccount account, int most, double reserve, int unspent, RateReading? reading, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(Lease);
        command.Parameters.AddWithValue("key", account.Key);
        command.Parameters.AddWithValue("most", (double)most);
        command.Parameters.AddWithValue("reserve", reserve);
        command.Parameters.AddWithValue("unspent", (double)unspent);
        command.Parameters.Add(Number("remaining", reading?.Remaining));
        command.Parameters.Add(Number("limit", reading?.Limit));
        command.Parameters.Add(Number("refill", reading?.RefillPerSecond));
        await using var row = await command.ExecuteReaderAsync(cancellation);
        if (!await row.ReadAsync(cancellation)) return null;
        return new Grant(row.GetInt32(0), row.GetDouble(1), row.GetDouble(2), row.IsDBNull(3) || row.GetDouble(3) <= 0 ? null : TimeSpan.FromSeconds(row.GetDouble(3)));
    }

    private static NpgsqlParameter Number(string name, double? value) => new(name, NpgsqlDbType.Double) { Value = (object?)value ?? DBNull.Value };

    private async Task ExecuteAsync(string sql, BudgetAccount account, CancellationToken cancellation, params (string Name, object Value)[] values)
    {
        await using var command = database.CreateCommand(sql);
        command.Parameters.AddWithValue("key", account.Key);
        foreach (var (name, value) in values) command.Parameters.AddWithValue(name, value);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}

/// <param name="Calls">How many calls were leased, 0 for none.</param>
/// <param name="Blocked">How long no node may call; null when they may.</param>
/// <param name="Left">What is left in the shared row after it.</param>
internal sealed record Grant(int Calls, double Left, double RefillPerSecond, TimeSpan? Blocked);
