using Wopr.Support;

namespace Wopr.Provisioning;

/// <summary>How a step ends. There is no other way: a step never waits itself.</summary>
public abstract record Outcome
{
    /// <summary>The job moves to another state, and its step runs at once.</summary>
    public sealed record NextState(JobState State) : Outcome;

    /// <summary>The same step again after a while, or earlier when a signal comes.</summary>
    public sealed record WaitAtMost(TimeSpan Delay, string Why) : Outcome;

    /// <summary>
    /// The provider takes no more calls for now. That is nobody's slowness: the state's deadline moves on by as much, and
    /// the incident of the provider tells operators.
    /// </summary>
    public sealed record WaitForTurn(TimeSpan Delay, string Why) : Outcome;

    /// <summary>The same step again when something happens; the state's deadline ends the wait.</summary>
    public sealed record WaitForSignal(string What) : Outcome;

    /// <summary>The job cannot go on. <paramref name="Detail"/> and <paramref name="Evidence"/> are for operators.</summary>
    public sealed record Failure(ErrorCode Code, string Detail, object? Evidence = null) : Outcome;

    /// <summary>Nothing is left to do in this state.</summary>
    public sealed record Finished : Outcome;

    public static Outcome Next(JobState state) => new NextState(state);
    public static Outcome WaitUntil(TimeSpan delay, string why) => new WaitAtMost(delay, why);
    public static Outcome WaitOurTurn(TimeSpan delay, string why) => new WaitForTurn(delay, why);
    public static Outcome WaitFor(string what) => new WaitForSignal(what);
    public static Outcome Fail(ErrorCode code, string detail, object? evidence = null) => new Failure(code, detail, evidence);
    public static readonly Outcome Done = new Finished();

    /// <summary>What came of it, in a few words for operators.</summary>
    public string Word() => this switch
    {
        NextState next => $"next: {next.State.Word()}",
        WaitAtMost wait => $"wait: {wait.Why}",
        WaitForTurn turn => $"wait: {turn.Why}",
        WaitForSignal signal => $"wait: {signal.What}",
        Failure failure => $"fail: {failure.Code}",
        _ => "done",
    };
}
