namespace Wopr.Platform.Work;

/// <summary>
/// What the flow of control that drives an item knows of its lease without asking the database: when it was last renewed.
/// Writes are refused by the fence; a provider knows no fence. So a node that slept longer than its lease, and whose work
/// may long be somebody else's or undone, finds here that it must not call.
/// </summary>
public sealed class HeldLease(TimeSpan lease, TimeProvider time)
{
    private static readonly AsyncLocal<HeldLease?> Here = new();
    private long renewed = time.GetTimestamp();

    /// <summary>False only when this flow drives an item whose lease may have ended.</summary>
    public static bool MayCall => Here.Value is not { } held || held.IsFresh;

    /// <summary>From here on, this flow of control drives an item that was leased just now.</summary>
    public static HeldLease Begin(TimeSpan lease, TimeProvider time) => Here.Value = new HeldLease(lease, time);

    private bool IsFresh => time.GetElapsedTime(Volatile.Read(ref renewed)) < lease;

    public long Now() => time.GetTimestamp();

    /// <param name="asked">When the renewal was asked for: the lease runs from then at the earliest.</param>
    public void Renewed(long asked) => Volatile.Write(ref renewed, asked);
}
