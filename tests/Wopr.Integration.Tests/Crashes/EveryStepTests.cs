namespace Wopr.Integration.Tests.Crashes;

/// <summary>
/// What every step must stand, found out for each state that an order comes by: another driver overtakes it and finishes
/// the job, or takes it down after a cancellation, while it still believes that it holds the lease.
/// </summary>
public sealed class EveryStepTests
{
    // Not on the way of an order that goes well.
    private static readonly string[] Ends = ["completed", "rolling_back", "rolled_back", "cancelled", "failed"];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_driver_that_was_overtaken_in_a_step_changes_nothing_any_more(bool cancelled)
    {
        await using var bench = await CrashBench.StartAsync();
        bench.Deaths.Record();
        var undisturbed = await bench.LiveAsync(Scenario.Plain, null);
        var steps = bench.Deaths.Recorded().Where(d => d is { Kind: "step", Nth: 1 } && !Ends.Contains(d.Place)).ToList();
        steps.Select(d => d.Place).Distinct().Count().ShouldBeGreaterThanOrEqualTo(9);

        var failures = new List<string>();
        foreach (var step in steps)
        {
            try
            {
                var life = await bench.OvertakeAsync(step, cancelled);
                if (cancelled) await bench.CheckAsync(Scenario.Cancelled, life, life.Timeline);
                else await bench.CheckAsync(Scenario.Plain, life, undisturbed.Timeline);
            }
            catch (Exception error)
            {
                failures.Add($"{step}: {error.Message}");
                bench.Deaths.Disarm();
                bench.Deaths.Release();
                await bench.RestartAsync();
            }
        }
        failures.ShouldBeEmpty(string.Join('\n', failures));
        await bench.CheckNothingElseIsThereAsync();
    }
}
