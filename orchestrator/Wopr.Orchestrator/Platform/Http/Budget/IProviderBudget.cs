namespace Wopr.Platform.Http.Budget;

/// <summary>
/// How many calls one provider token still has. All nodes share it, so that together they stay within the provider's
/// limit, and customers who wait are served before sweeps.
/// </summary>
public interface IProviderBudget
{
    /// <summary>Charges one call. Zero: send it now. Otherwise nothing was charged: ask again after that time.</summary>
    ValueTask<TimeSpan> TakeAsync(BudgetAccount account, CallPriority priority, CancellationToken cancellation);

    /// <summary>Takes note of what the provider said is left. Cheap: reaches the other nodes with the next lease.</summary>
    void Observe(BudgetAccount account, RateReading reading);

    /// <summary>Stops all calls of all nodes with this token until then.</summary>
    ValueTask BlockAsync(BudgetAccount account, DateTimeOffset until, CancellationToken cancellation);
}

/// <summary>A token's account: a bucket of calls that refills steadily.</summary>
/// <param name="Key">Provider and the token's fingerprint; never the token.</param>
/// <param name="Capacity">Calls in a full bucket.</param>
/// <param name="RefillPerSecond">Calls that come back each second.</param>
/// <param name="Reserve">Sweeps wait while fewer than this are left.</param>
/// <param name="BlockWithoutRetryAfter">How long to pause after a 429 that does not say.</param>
public sealed record BudgetAccount(string Key, double Capacity, double RefillPerSecond, double Reserve, TimeSpan BlockWithoutRetryAfter);

/// <param name="Remaining">Calls left by the provider's own count.</param>
/// <param name="Limit">The provider's limit, where it may be raised for an account; else null.</param>
/// <param name="RefillPerSecond">How fast calls come back, where enough are spent to tell; else null.</param>
public sealed record RateReading(double Remaining, double? Limit = null, double? RefillPerSecond = null);

/// <summary>No limit at all: for tests, and for tools that make a single call.</summary>
public sealed class UnlimitedBudget : IProviderBudget
{
    public ValueTask<TimeSpan> TakeAsync(BudgetAccount account, CallPriority priority, CancellationToken cancellation) => new(TimeSpan.Zero);

    public void Observe(BudgetAccount account, RateReading reading)
    {
        // Without a limit there is nothing to correct.
    }

    public ValueTask BlockAsync(BudgetAccount account, DateTimeOffset until, CancellationToken cancellation) => default;
}
