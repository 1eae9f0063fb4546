using Microsoft.Extensions.Logging.Abstractions;
using Wopr.Orchestrator.Tests.Http;
using Wopr.Orchestrator.Tests.Operators;
using Wopr.Orchestrator.Tests.Support;
using Wopr.Provisioning;
using Wopr.Tests.Support;

namespace Wopr.Orchestrator.Tests.Provisioning;

/// <summary>Whoever runs a step hears that its job was cancelled, and hears of no other.</summary>
public sealed class JobWatchTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>
{
    private readonly TestClock clock = new();

    [Fact]
    public async Task Only_the_step_of_a_cancelled_job_is_called_off_and_gets_a_moment_before_that()
    {
        var watch = new JobWatch(new JobStore(database.Source, database.Queue), clock, NullLogger<JobWatch>.Instance);
        await using var cancelled = watch.Over(await CancelledAsync());
        await using var other = watch.Over(await JobRows.InsertAsync(database.Source, JobState.ConfiguringDns));

        clock.Advance(TimeSpan.FromSeconds(2));
        cancelled.CalledOff.IsCancellationRequested.ShouldBeFalse("a call that is under way gets its moment");
        await CalledOffAsync(cancelled);
        other.CalledOff.IsCancellationRequested.ShouldBeFalse();
    }

    [Fact]
    public async Task After_all_have_ended_the_next_is_looked_after_again()
    {
        var watch = new JobWatch(new JobStore(database.Source, database.Queue), clock, NullLogger<JobWatch>.Instance);
        var job = await CancelledAsync();
        await using (var first = watch.Over(job)) await CalledOffAsync(first);
        for (var i = 0; i < 3; i++) clock.Advance(TimeSpan.FromSeconds(1));
        await using var second = watch.Over(job);
        second.CalledOff.IsCancellationRequested.ShouldBeFalse();
        await CalledOffAsync(second);
    }

    private Task CalledOffAsync(JobWatch.Watched watched) => Patience.UntilAsync(
        () =>
        {
            clock.Advance(TimeSpan.FromSeconds(0.5));
            return watched.CalledOff.IsCancellationRequested;
        },
        () => "the step is not called off");

    private async Task<JobId> CancelledAsync()
    {
        var job = await JobRows.InsertAsync(database.Source, JobState.ConfiguringDns);
        await JobRows.AskAsync<int>(database.Source, "UPDATE jobs SET cancel_requested_at = now() WHERE id = @id RETURNING 1", job);
        return job;
    }
}
