namespace Wopr.Platform;

/// <summary>
/// Which other nodes listen, as a node knows that listens itself. Each says now and then that it is here. Whoever hears one
/// that it did not know welcomes it, and whoever is welcomed looks for what it was not told until then; two that meet do both.
/// </summary>
public sealed class Peers(TimeProvider time)
{
    public const string Channel = "wopr_nodes";
    public const string Here = "here";
    public const string Welcome = "welcome";

    /// <summary>How often a node says that it is here.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    /// <summary>How long one that says nothing is still told: two of its words may be lost or late.</summary>
    public static readonly TimeSpan Memory = 3 * Period;

    private readonly Lock gate = new();
    private readonly Dictionary<string, long> heard = [];
    private long? last;

    /// <summary>False while no other node is known to listen.</summary>
    public bool AreThere
    {
        get
        {
            lock (gate) return last is { } at && time.GetElapsedTime(at) < Memory;
        }
    }

    /// <summary>Another node has said something, whatever it was.</summary>
    /// <returns>True when it had not been heard before, or not for so long that it was no longer told.</returns>
    public bool Hear(string peer)
    {
        var now = time.GetTimestamp();
        lock (gate)
        {
            foreach (var (gone, at) in heard)
                if (time.GetElapsedTime(at, now) >= Memory) heard.Remove(gone);
            last = now;
            if (!heard.TryAdd(peer, now))
            {
                heard[peer] = now;
                return false;
            }
            return true;
        }
    }
}
