namespace Wopr.Platform.Work;

/// <summary>One thing to be driven on: what kind, and whom it is about.</summary>
public readonly record struct WorkKey(string Kind, Guid Subject);

/// <summary>
/// The right to drive a work item until the lease ends. <paramref name="Fence"/> grows with every lease: writes of a
/// former holder are refused. <paramref name="Attempt"/> counts leases since the last orderly release, so a holder that
/// died or threw is counted; <paramref name="Deaths"/> counts those that died.
/// </summary>
public sealed record WorkLease(WorkKey Key, long Fence, int Attempt, long Signals, int Deaths = 0)
{
    /// <summary>Attempts that end neither in a wait nor in an end, after which an item is poison: it kills its process or always throws.</summary>
    public const int MostAttempts = 3;

    /// <summary>Deaths after which an item is driven apart from others of its kind, so that it takes none of them along again and again.</summary>
    public const int SuspectDeaths = 2;

    public bool IsPoison => Attempt > MostAttempts;

    public bool IsSuspect => Deaths >= SuspectDeaths;
}

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

/// <summary>Where poison goes, so that the others go on.</summary>
public interface IQuarantine
{
    /// <summary>Sets the item aside: nobody leases it any more, and operators are told.</summary>
    Task PutAsync(WorkLease lease, CancellationToken cancellation);

    /// <summary>An item that had trouble before was driven in good order.</summary>
    Task RecoveredAsync(WorkKey key, CancellationToken cancellation);
}

/// <summary>Drives items of one kind. An orderly run ends with <see cref="WorkQueue.ReleaseAsync"/>.</summary>
public interface IWorkHandler
{
    string Kind { get; }

    Task HandleAsync(WorkLease lease, CancellationToken cancellation);

    /// <summary>Instead of driving an item that is poison. False when the handler has no better end for it than quarantine.</summary>
    Task<bool> GiveUpAsync(WorkLease lease, CancellationToken cancellation) => Task.FromResult(false);
}
