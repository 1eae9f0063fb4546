using System.Globalization;
using Xunit.Abstractions;

namespace Wopr.Integration.Tests.Simulation;

/// <summary>
/// Many orders through faults of all kinds. WOPR_SIMULATION_SEED and WOPR_SIMULATION_SECONDS say which and how long. The
/// seed draws what happens and in which order; when it does, and how much fits into the time, follows the machine, so a run
/// is not exactly repeatable.
/// </summary>
public sealed class SimulationTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Whatever_happens_the_promises_hold()
    {
        var seed = Number("WOPR_SIMULATION_SEED", 1);
        var seconds = Number("WOPR_SIMULATION_SECONDS", 45);
        output.WriteLine($"WOPR_SIMULATION_SEED={seed} WOPR_SIMULATION_SECONDS={seconds}");
        await using var world = await World.CreateAsync(seed);
        try
        {
            await world.LiveAsync(TimeSpan.FromSeconds(seconds));
            output.WriteLine(await world.SettleAsync());
        }
        catch (Exception error)
        {
            throw new InvalidOperationException($"seed {seed}, {seconds} s: {error.Message}\n{world.Diary}", error);
        }
    }

    private static int Number(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : otherwise;
}
