namespace Wopr.Platform.Trace;

/// <summary>Where it is noted what was tried for a job. Never waits and never fails: the work is more than its record.</summary>
public interface IJobTrace
{
    void Note(TraceEntry entry);
}

/// <param name="Kind">One of <see cref="TraceKind"/>.</param>
/// <param name="What">The state whose step ran, or provider and operation: <c>hetzner servers.create</c>. Never anything of a customer.</param>
/// <param name="Outcome">A short word, an HTTP status, or an error code.</param>
/// <param name="Sent">Of a call: how often it was sent.</param>
public sealed record TraceEntry(Guid Job, string Kind, string What, string Outcome, int Sent, TimeSpan Took);

public static class TraceKind
{
    public const string Run = "run";
    public const string Call = "call";
}

/// <summary>For tests, and for tools that work for no job.</summary>
public sealed class NoTrace : IJobTrace
{
    public void Note(TraceEntry entry)
    {
        // Nobody reads it.
    }
}
