namespace Wopr.Platform.Http;

/// <summary>Who waits for the answer. When the budget of calls runs low, sweeps wait first.</summary>
public enum CallPriority
{
    /// <summary>Nobody watches: orphan sweeps, drift checks, reports.</summary>
    Sweep,

    /// <summary>A customer's job waits. This is what holds outside every scope.</summary>
    Customer,
}

/// <summary>
/// What the surrounding work wants of every provider call inside it: a priority, and a deadline beyond which no call
/// waits or repeats itself. <c>using (CallScope.Begin(CallPriority.Sweep)) { … }</c>
/// </summary>
public static class CallScope
{
    private static readonly AsyncLocal<Wish?> Ambient = new();

    public static CallPriority Priority => Ambient.Value?.Priority ?? CallPriority.Customer;

    /// <summary>Null when only the profile's own limit holds.</summary>
    public static DateTimeOffset? Deadline => Ambient.Value?.Deadline;

    /// <summary>The jobs that the calls are made for; none for work that all share.</summary>
    public static IReadOnlyCollection<Guid> Jobs => Ambient.Value?.Jobs ?? [];

    /// <summary>What is called inside is called for these jobs; priority and deadline stay as they are.</summary>
    public static IDisposable For(params IReadOnlyCollection<Guid> jobs)
    {
        var outer = Ambient.Value;
        Ambient.Value = new Wish(outer?.Priority ?? CallPriority.Customer, outer?.Deadline, jobs);
        return new Restore(outer);
    }

    /// <summary>Holds until disposed. An inner scope may bring the deadline nearer, never push it away.</summary>
    public static IDisposable Begin(CallPriority priority, DateTimeOffset? deadline = null)
    {
        var outer = Ambient.Value;
        var nearer = (outer?.Deadline, deadline) switch
        {
            ({ } a, { } b) => a < b ? a : b,
            var (a, b) => a ?? b,
        };
        Ambient.Value = new Wish(priority, nearer, outer?.Jobs ?? []);
        return new Restore(outer);
    }

    /// <summary>For work that is shared by several callers: neither the haste nor the deadline of whoever came first holds.</summary>
    public static IDisposable Detach()
    {
        var outer = Ambient.Value;
        Ambient.Value = null;
        return new Restore(outer);
    }

    private sealed record Wish(CallPriority Priority, DateTimeOffset? Deadline, IReadOnlyCollection<Guid> Jobs);

    private sealed class Restore(Wish? outer) : IDisposable
    {
        public void Dispose() => Ambient.Value = outer;
    }
}
