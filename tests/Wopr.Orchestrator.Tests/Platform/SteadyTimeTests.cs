using Wopr.Orchestrator.Tests.Http;
using Wopr.Platform;
using Wopr.Platform.Http;
using Wopr.Platform.Work;

namespace Wopr.Orchestrator.Tests.Platform;

/// <summary>A machine's clock may jump; nothing that waits or is kept notices.</summary>
public sealed class SteadyTimeTests
{
    [Theory]
    [InlineData(3600)]
    [InlineData(-3600)]
    [InlineData(366 * 86_400)]
    public void It_goes_on_evenly_when_the_machines_clock_jumps(int seconds)
    {
        var machine = new JumpingClock();
        var steady = new SteadyTime(machine, TimeSpan.Zero);
        var before = steady.GetUtcNow();
        machine.Jump(TimeSpan.FromSeconds(seconds));
        machine.Pass(TimeSpan.FromSeconds(7));
        (steady.GetUtcNow() - before).ShouldBe(TimeSpan.FromSeconds(7));
    }

    [Fact]
    public void It_can_be_made_wrong() =>
        (new SteadyTime(new JumpingClock(), TimeSpan.FromHours(-1)).GetUtcNow() - new JumpingClock().GetUtcNow()).ShouldBe(TimeSpan.FromHours(-1));

    [Fact]
    public async Task A_bell_rings_in_time_though_the_machines_clock_went_back_an_hour()
    {
        var machine = new JumpingClock();
        var bell = new WorkBell(new SteadyTime(machine, TimeSpan.Zero));
        bell.Ring(TimeSpan.FromSeconds(1));
        machine.Jump(TimeSpan.FromHours(-1));
        machine.Pass(TimeSpan.FromSeconds(1));
        // Due at once: no timer has to fire, and none of this clock's ever does.
        await bell.WaitAsync(TimeSpan.FromSeconds(2), CancellationToken.None).WaitAsync(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public void A_date_to_wait_for_is_read_by_the_providers_clock()
    {
        using var response = new HttpResponseMessage();
        response.Headers.Date = new DateTimeOffset(2028, 2, 29, 23, 59, 50, TimeSpan.Zero);
        response.Headers.TryAddWithoutValidation("Retry-After", "Wed, 01 Mar 2028 00:00:20 GMT");
        RetryAfter.Of(response, DateTimeOffset.UnixEpoch).ShouldBe(TimeSpan.FromSeconds(30));
    }

    /// <summary>Its time of day can be set; its stopwatch only goes forward.</summary>
    private sealed class JumpingClock : TimeProvider
    {
        private DateTimeOffset now = TestClock.Start;
        private long ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => now;

        public override long GetTimestamp() => ticks;

        public void Jump(TimeSpan time) => now += time;

        public void Pass(TimeSpan time)
        {
            now += time;
            ticks += time.Ticks;
        }
    }
}
