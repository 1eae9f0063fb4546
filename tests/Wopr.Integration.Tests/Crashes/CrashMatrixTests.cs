using Wopr.Integration.Tests.Stack;
using Xunit.Abstractions;

namespace Wopr.Integration.Tests.Crashes;

/// <summary>
/// The service dies before and after every outside call, commit, enqueue and lease that an order comes by, and is started
/// again. The moments are not listed anywhere: an undisturbed run writes them down, so a new step is in the matrix as soon
/// as it runs. Here each sort of moment of each state is tried once, and what is the same moment is not tried again;
/// WOPR_CRASH_MATRIX=full tries them all (an hour).
/// </summary>
public sealed class CrashMatrixTests(ITestOutputHelper output)
{
    // The lease, when nobody knows of the death, and a few seconds for the rest of the way.
    private static readonly TimeSpan LongestRecovery = TimeSpan.FromSeconds(30);

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
        var wanted = recorded.Where(d => d.Nth <= MostRounds && (Whole || scenario == Scenario.Plain || d.Place == "rolling_back")).ToList();

        var failures = new List<string>();
        var unmet = new List<Death>();
        var covered = new HashSet<string>(StringComparer.Ordinal);
        var (deaths, slowest) = (0, TimeSpan.Zero);
        foreach (var death in wanted.Where(d => Whole || (!covered.Contains(d.Sort) && !unmet.Exists(u => u.Place == d.Place && u.Operation == d.Operation))))
        {
            try
            {
                var life = await DieAsync(bench, scenario, death);
                if (life.Died)
                {
                    deaths++;
                    covered.UnionWith(recorded.Where(d => d.Moment == death.Moment).Select(d => d.Sort));
                    slowest = life.Recovery > slowest ? life.Recovery : slowest;
                }
                else unmet.Add(death);
                await bench.CheckAsync(scenario, life, undisturbed.Timeline);
                if (life.Died) life.Recovery.ShouldBeLessThan(LongestRecovery);
            }
            catch (Exception error)
            {
                failures.Add($"{death}: {error.Message}");
                bench.Deaths.Disarm();
                await bench.RestartAsync();
            }
        }
        output.WriteLine($"{recorded.Count} crossings, {deaths} deaths, slowest recovery {slowest.TotalSeconds:0.0} s; not met: {string.Join(", ", unmet)}");
        failures.ShouldBeEmpty(string.Join('\n', failures));
        // Whether a step has to wait is a matter of speed, so not each crossing is met each time; but one of each sort must be.
        wanted.Where(d => d.Place is "request" or "mail" || undisturbed.Timeline.Contains($"state state={d.Place}")).Select(d => d.Sort).Except(covered).ShouldBeEmpty("sorts of crossings that no order came by");
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
}
