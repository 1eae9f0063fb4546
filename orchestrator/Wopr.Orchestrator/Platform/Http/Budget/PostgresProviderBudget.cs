using System.Collections.Concurrent;
using Npgsql;

namespace Wopr.Platform.Http.Budget;

/// <summary>
/// The budget of all nodes, in PostgreSQL. A node leases a handful of calls at once and spends them from memory, so
/// that in the steady state one statement serves up to <see cref="LargestLease"/> calls.
/// </summary>
/// <remarks>When the database cannot be asked the call is let through: the provider's own 429 is still there to stop it.</remarks>
public sealed partial class PostgresProviderBudget(NpgsqlDataSource database, TimeProvider time, ILogger<PostgresProviderBudget> logger) : IProviderBudget
{
    /// <summary>Calls in one lease at most.</summary>
    public const int LargestLease = 20;

    /// <summary>After this a lease is renewed, so that a block or a low level seen elsewhere is noticed.</summary>
    public static readonly TimeSpan LeaseTime = TimeSpan.FromSeconds(10);

    private readonly BudgetLedger ledger = new(database);
    private readonly ConcurrentDictionary<string, BudgetLease> leases = new(StringComparer.Ordinal);

    public async ValueTask<TimeSpan> TakeAsync(BudgetAccount account, CallPriority priority, CancellationToken cancellation)
    {
        var lease = Of(account);
        if (lease.TryTake(priority, time.GetUtcNow()) is { } known) return known;

        await lease.Renewal.WaitAsync(cancellation);
        try
        {
            return lease.TryTake(priority, time.GetUtcNow()) ?? await RenewAsync(account, lease, priority, cancellation);
        }
        finally
        {
            lease.Renewal.Release();
        }
    }

    public void Observe(BudgetAccount account, RateReading reading) => Of(account).Observe(reading);

    public async ValueTask BlockAsync(BudgetAccount account, DateTimeOffset until, CancellationToken cancellation)
    {
        Of(account).Block(until);
        try
        {
            await ledger.BlockAsync(account, until - time.GetUtcNow(), cancellation);
        }
        catch (NpgsqlException e)
        {
            Log.LedgerUnreachable(logger, account.Key, e);
        }
    }

    private async Task<TimeSpan> RenewAsync(BudgetAccount account, BudgetLease lease, CallPriority priority, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var reserve = priority == CallPriority.Sweep ? account.Reserve : 0;
        try
        {
            var (unspent, reading) = lease.HandBack();
            var grant = await ledger.LeaseAsync(account, LargestLease, reserve, unspent, reading, cancellation);
            return lease.Accept(grant, account, priority, reserve, now, now + LeaseTime);
        }
        catch (NpgsqlException e)
        {
            // A whole lease at once, so that the next calls do not each wait for a database that is away.
            Log.LedgerUnreachable(logger, account.Key, e);
            var blind = new Grant(LargestLease, account.Capacity, account.RefillPerSecond, Blocked: null);
            return lease.Accept(blind, account, priority, reserve, now, now + LeaseTime);
        }
    }

    private BudgetLease Of(BudgetAccount account) => leases.GetOrAdd(account.Key, static _ => new BudgetLease());

    private static partial class Log
    {
        [LoggerMessage(4031, LogLevel.Warning, "The call budget {Key} cannot be read or written; calls go on without it")]
        public static partial void LedgerUnreachable(ILogger logger, string key, Exception exception);
    }
}
