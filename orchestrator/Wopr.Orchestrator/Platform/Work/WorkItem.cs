namespace Wopr.Platform.Work;

/// <summary>One thing to be driven on: what kind, and whom it is about.</summary>
public readonly record struct WorkKey(string Kind, Guid Subject);

/// <summary>
/// The right to drive a work item until the lease ends. <paramref name="Fence"/> grows with every lease: writes of a
/// former holder are refused. <paramref name="Attempt"/> counts leases since the last orderly release, so a holder that
/// died or threw is counted.
/// </summary>
public sealed record WorkLease(WorkKey Key, long Fence, int Attempt, long Signals);

/// <summary>When the item is to be driven again. A signal always comes first.</summary>
public abstract record Wake
{
    public sealed record After(TimeSpan Delay) : Wake;

    public sealed record OnSignal : Wake;

    /// <summary>The item is finished and goes away.</summary>
    public sealed record Never : Wake;

    public static readonly Wake Signalled = new OnSignal();
    public static readonly Wake Done = new Never();
    public static readonly Wake Now = new After(TimeSpan.Zero);
}

/// <summary>Somebody else holds the item by now; whatever this holder still wants to write is void.</summary>
public sealed class LeaseLostException(WorkKey key) : Exception($"lease lost: {key.Kind} {key.Subject}");

/// <summary>Drives items of one kind. An orderly run ends with <see cref="WorkQueue.ReleaseAsync"/>.</summary>
public interface IWorkHandler
{
    string Kind { get; }

    Task HandleAsync(WorkLease lease, CancellationToken cancellation);
}
