namespace Wopr.Platform;

/// <summary>
/// A node's own clock: set once at start and steady from then on, whatever is done to the machine's. It measures how long
/// things take and how long they keep, and may be wrong by any amount: what nodes share is timed by the database.
/// </summary>
/// <param name="offset">How wrong it is made on purpose; zero outside of tests.</param>
public sealed class SteadyTime(TimeProvider machine, TimeSpan offset) : TimeProvider
{
    private readonly DateTimeOffset start = machine.GetUtcNow() + offset;
    private readonly long started = machine.GetTimestamp();

    public override long TimestampFrequency => machine.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => start + machine.GetElapsedTime(started);

    public override long GetTimestamp() => machine.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => machine.CreateTimer(callback, state, dueTime, period);
}
