using Wopr.Integration.Tests.Stack;
using Xunit.Abstractions;

namespace Wopr.Integration.Tests.Crashes;

/// <summary>
/// The service dies before and after every outside call, commit, enqueue and lease that an order comes by, and is started
/// again. The moments are not listed anywhere: an undisturbed run writes them down, so a new step is in the matrix as soon
/// as it runs. Here each sort of moment of each state is tried once; WOPR_CRASH_MATRIX=full tries them all (an hour).
/// </summary>
public sealed class CrashMatrixTests(ITestOutputHelper output)
{
    // The lease, when nobody knows of the death, and a few seconds for the rest of the way.
    private static readonly TimeSpan LongestRecovery = TimeSpan.FromSeconds(15);

    // Without a sleep that depends on the machine's speed, the later rounds of a loop are not met each time.
    private const int MostRounds = 3;

    private static bool Whole => Environment.GetEnvironmentVariable("WOPR_CRASH_MATRIX") == "full";

    public static TheoryData<string> Scenarios => [.. (Whole ? Scenario.All : [Scenario.Plain, Scenario.Cancelled]).Select(s => s.Name)];

    [Theory]
    [MemberData(nameof(Scenarios))]
    public async Task Whenever_the_service_dies_one_order_stays_one_beacon_or_none(string name)
    {
        var scenario = Scenario.All.Single(s => s.Name == name);
        await using var bench = await CrashBench.StartAsync();
        bench.Deaths.Record();
        var undisturbed = await bench.LiveAsync(scenario, null);
        var recorded = bench.Deaths.Recorded().Where(d => d.Kind != "step").ToList();
        await bench.CheckAsync(scenario, undisturbed, undisturbed.Timeline);
        var deaths = Whole ? [.. recorded.Where(d => d.Nth <= MostRounds)] : Slice(scenario, recorded);
        output.WriteLine($"{recorded.Count} crossings, {deaths.Count} deaths");

        var failures = new List<string>();
        var unmet = new List<Death>();
        var slowest = TimeSpan.Zero;
        foreach (var death in deaths)
        {
            try
            {
                var life = await DieAsync(bench, scenario, death);
                if (!life.Died) unmet.Add(death);
                else slowest = life.Recovery > slowest ? life.Recovery : slowest;
                await bench.CheckAsync(scenario, life, undisturbed.Timeline);
                if (life.Died) life.Recovery.ShouldBeLessThan(LongestRecovery);
            }
            catch (Exception error)
            {
                failures.Add($"{death}: {error.Message}");
                await bench.RestartAsync();
            }
        }
        output.WriteLine($"slowest recovery {slowest.TotalSeconds:0.0} s; not met: {string.Join(", ", unmet)}");
        failures.ShouldBeEmpty(string.Join('\n', failures));
        unmet.Where(d => d.Nth == 1 && (d.Place is "request" or "mail" || undisturbed.Timeline.Contains($"state state={d.Place}"))).ShouldBeEmpty();
        await bench.CheckNothingElseIsThereAsync();
    }

    /// <summary>What a process remembers from the last order may spare it the crossing; one that has just started comes by.</summary>
    private static async Task<Life> DieAsync(CrashBench bench, Scenario scenario, Death death)
    {
        var life = await bench.LiveAsync(scenario, death);
        if (life.Died) return life;
        bench.Deaths.Disarm();
        await bench.RestartAsync();
        life = await bench.LiveAsync(scenario, death);
        bench.Deaths.Disarm();
        return life;
    }

    private static IReadOnlyList<Death> Slice(Scenario scenario, IReadOnlyList<Death> recorded) =>
        [.. recorded.Where(d => scenario == Scenario.Plain || d.Place == "rolling_back").GroupBy(d => d.Sort, StringComparer.Ordinal).Select(sort => sort.First())];
}
