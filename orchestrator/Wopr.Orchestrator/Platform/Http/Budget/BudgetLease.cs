namespace Wopr.Platform.Http.Budget;

/// <summary>What this node may still spend of one account without asking the database.</summary>
internal sealed class BudgetLease
{
    /// <summary>The shortest wait that is told to a caller: refills are steady, so a shorter one would only spin.</summary>
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(50);

    private readonly Lock gate = new();
    private int calls;
    private bool aboveReserve;
    private DateTimeOffset until;
    private DateTimeOffset blockedUntil;
    private DateTimeOffset sweepsWaitUntil;
    private RateReading? lowest;

    /// <summary>Held by the one caller who renews for all.</summary>
    public SemaphoreSlim Renewal { get; } = new(1, 1);

    /// <summary>Zero: taken. A time: wait that long. Null: the lease says nothing, renew it.</summary>
    public TimeSpan? TryTake(CallPriority priority, DateTimeOffset now)
    {
        lock (gate)
        {
            if (blockedUntil > now) return Longer(blockedUntil - now);
            if (priority == CallPriority.Sweep && sweepsWaitUntil > now) return Longer(sweepsWaitUntil - now);
            if (calls == 0 || until <= now) return null;
            if (priority == CallPriority.Sweep && !aboveReserve) return null;
            calls--;
            return TimeSpan.Zero;
        }
    }

    public void Observe(RateReading reading)
    {
        lock (gate)
        {
            // Answers overtake each other; between two renewals the lowest count is the newest or the safest.
            if (lowest is null || reading.Remaining < lowest.Remaining) lowest = reading;
        }
    }

    public void Block(DateTimeOffset end)
    {
        lock (gate)
        {
            if (end > blockedUntil) blockedUntil = end;
            calls = 0;
        }
    }

    /// <summary>Empties the lease for its renewal.</summary>
    public (int Unspent, RateReading? Reading) HandBack()
    {
        lock (gate)
        {
            var result = (calls, lowest);
            calls = 0;
            lowest = null;
            return result;
        }
    }

    /// <summary>Takes the new lease in and charges the caller's own call to it; the time to wait when there was none.</summary>
    public TimeSpan Accept(Grant grant, BudgetAccount account, CallPriority priority, double reserve, DateTimeOffset now, DateTimeOffset leaseEnd)
    {
        lock (gate)
        {
            if (grant.Blocked is { } time && now + time > blockedUntil) blockedUntil = now + time;
            calls = grant.Calls;
            until = leaseEnd;
            aboveReserve = grant.Left >= account.Reserve;
            if (calls > 0)
            {
                calls--;
                return TimeSpan.Zero;
            }

            var wait = blockedUntil > now ? blockedUntil - now : Refill(grant, reserve);
            if (priority == CallPriority.Sweep) sweepsWaitUntil = now + wait;
            return wait;
        }
    }

    private static TimeSpan Refill(Grant grant, double reserve)
    {
        var seconds = (reserve + 1 - grant.Left) / Math.Max(grant.RefillPerSecond, 0.001);
        return Longer(TimeSpan.FromSeconds(Math.Clamp(seconds, 0, 3600)));
    }

    private static TimeSpan Longer(TimeSpan wait) => wait < ShortestWait ? ShortestWait : wait;
}
