namespace Wopr.Orchestrator.Tests.Http;

/// <summary>A clock that stands until it is moved; timers fire when it is moved past them, once for each move.</summary>
internal sealed class TestClock : TimeProvider
{
    public static readonly DateTimeOffset Start = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    private readonly Lock gate = new();
    private readonly List<Timer> timers = [];
    private DateTimeOffset now = Start;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (gate) return now;
    }

    public override long GetTimestamp() => GetUtcNow().Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        lock (gate)
        {
            var timer = new Timer(this, () => callback(state)) { Due = DueAfter(dueTime), Period = period };
            timers.Add(timer);
            return timer;
        }
    }

    public void Advance(TimeSpan time)
    {
        Timer[] due;
        lock (gate)
        {
            now += time;
            due = [.. timers.Where(t => t.Due <= now)];
            foreach (var timer in due) timer.Due = timer.Period > TimeSpan.Zero ? now + timer.Period : null;
        }

        foreach (var timer in due) timer.Fire();
    }

    private DateTimeOffset? DueAfter(TimeSpan time) => time == Timeout.InfiniteTimeSpan ? null : now + time;

    private sealed class Timer(TestClock clock, Action fire) : ITimer
    {
        public DateTimeOffset? Due { get; set; }

        /// <summary>Zero, or infinite, where it fires once.</summary>
        public TimeSpan Period { get; set; }

        public void Fire() => fire();

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock.gate) (Due, Period) = (clock.DueAfter(dueTime), period);
            return true;
        }

        public void Dispose()
        {
            lock (clock.gate) clock.timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}
