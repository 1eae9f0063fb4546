namespace Wopr.Platform.Crossings;

/// <summary>
/// A moment on one side of something that cannot be taken back: an outside call, a commit, an enqueue, a lease. A process
/// that dies there shows whether the promises hold.
/// </summary>
/// <param name="Place">Where the work stands: a job's state, the kind of a work item, or <c>request</c>.</param>
/// <param name="Subject">Whom the work item is about; empty in requests.</param>
/// <param name="Kind"><c>call</c>, <c>commit</c>, <c>enqueue</c>, <c>lease</c> or <c>step</c>.</param>
/// <param name="Operation">The call's fixed name, or the method that commits.</param>
public readonly record struct Crossing(string Place, Guid Subject, string Kind, string Operation, CrossingSide Side)
{
    public override string ToString() => $"{Place} {Kind} {Operation} {(Side == CrossingSide.Before ? "before" : "after")}";
}

public enum CrossingSide { Before, After }

/// <summary>
/// Tells whoever watches of each crossing. Nobody does, except in a sandbox whose operator asked for sudden deaths: see
/// <see cref="SuddenDeath"/>.
/// </summary>
public static class CrossingPoints
{
    public const string Call = "call";
    public const string Commit = "commit";
    public const string Enqueue = "enqueue";
    public const string Lease = "lease";
    public const string Step = "step";

    private static readonly AsyncLocal<(string Place, Guid Subject)> Here = new();
    private static Action<Crossing>? watcher;

    public static void Watch(Action<Crossing> with) => watcher = with;

    /// <summary>From here on, in this flow of control, crossings belong to this place.</summary>
    public static void Enter(string place, Guid subject)
    {
        if (watcher is not null) Here.Value = (place, subject);
    }

    public static void Before(string kind, string operation) => Tell(kind, operation, CrossingSide.Before);

    public static void After(string kind, string operation) => Tell(kind, operation, CrossingSide.After);

    private static void Tell(string kind, string operation, CrossingSide side)
    {
        if (watcher is not { } told) return;
        var (place, subject) = Here.Value;
        told(new Crossing(place ?? "request", subject, kind, operation, side));
    }
}
