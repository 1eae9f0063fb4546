using Dapper;
using Wopr.Orchestrator.Tests.Support;
using Wopr.Provisioning;

namespace Wopr.Orchestrator.Tests.Provisioning;

/// <summary>What past runs say of the time that is left, on a real database.</summary>
public sealed class EstimatesTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>
{
    [Fact]
    public async Task Median_and_ninetieth_percentile_of_the_same_bundle_less_the_time_that_has_passed()
    {
        for (var i = 1; i <= 11; i++) await FinishedAsync("bundle-a", seconds: 100 * i);
        await FinishedAsync("bundle-b", seconds: 9);

        var estimate = await Ask("bundle-a", inState: 50);
        estimate.ShouldBe(new Estimate(600 - 50, 1000 - 50, 11));
        (await Ask("bundle-a", inState: 700)).ShouldBe(new Estimate(0, 300, 11));
        (await Ask("bundle-a", inState: 5000)).ShouldBe(new Estimate(0, 0, 11));
    }

    [Fact]
    public async Task A_bundle_with_too_few_runs_borrows_from_all_and_a_job_that_is_not_being_built_has_none()
    {
        for (var i = 0; i < 5; i++) await FinishedAsync("bundle-c", seconds: 60);

        (await Ask("never-sold", inState: 0)).ShouldNotBeNull().Runs.ShouldBeGreaterThanOrEqualTo(5);
        foreach (var state in new[] { JobState.Pending, JobState.Failed, JobState.RollingBack, JobState.Completed })
            (await new Estimates(database.Source, TimeProvider.System).ForAsync("bundle-c", state, TimeSpan.Zero, CancellationToken.None)).ShouldBeNull();
    }

    private Task<Estimate?> Ask(string bundle, int inState) =>
        new Estimates(database.Source, TimeProvider.System).ForAsync(bundle, JobState.DeployingWopr, TimeSpan.FromSeconds(inState), CancellationToken.None);

    /// <summary>A job that took so long from the beginning of its installation to its end.</summary>
    private async Task FinishedAsync(string bundle, int seconds)
    {
        var (order, job) = (Guid.NewGuid(), Guid.NewGuid());
        await using var connection = await database.Source.OpenConnectionAsync();
        await connection.ExecuteAsync("""
            INSERT INTO orders (id, source, fingerprint, bundle, tier, beacon_name, email, price_cents, currency) VALUES (@order, 'checkout', '', @bundle, 1, @name, 'a@example.org', 1, 'USD');
            INSERT INTO jobs (id, order_id, state, beacon_name, fqdn, name_held) VALUES (@job, @order, 'completed', @name, @name, false);
            INSERT INTO events (job_id, seq, at, kind, data) VALUES
                (@job, 1, '2026-01-01T00:00:00Z', 'state', '{"state":"deploying_wopr"}'),
                (@job, 2, timestamptz '2026-01-01T00:00:00Z' + make_interval(secs => @seconds), 'state', '{"state":"completed"}')
            """, new { order, job, bundle, name = $"b-{job:N}", seconds });
    }
}
