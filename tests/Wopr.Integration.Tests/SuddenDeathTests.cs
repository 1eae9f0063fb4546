using Wopr.Integration.Tests.Stack;

namespace Wopr.Integration.Tests;

/// <summary>SIGKILL at moments drawn from a seed: whatever dies, one order stays one beacon.</summary>
public sealed class SuddenDeathTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_service_that_is_killed_again_and_again_finishes_the_same_job(int seed)
    {
        var random = new Random(seed);
        await using var stack = await WoprStack.StartAsync(boot: "callback", pace: "0.3");
        var job = await stack.OrderAsync($"killed-{seed}");
        for (var kill = 0; kill < 4; kill++)
        {
            // The moment is what is drawn, so this pause is the test's subject and not a way to wait for something.
            await Task.Delay(random.Next(20, 900));
            await stack.RestartServiceAsync();
        }
        var status = await stack.UntilAsync(job, "completed", "failed");
        status.GetProperty("state").GetString().ShouldBe("completed", $"seed {seed}: {status}");
        (await stack.Sandbox.ServersAsync()).Count.ShouldBe(1, $"seed {seed}");
        (await stack.Sandbox.OurRecordsAsync()).Count.ShouldBe(4, $"seed {seed}");
        var seqs = status.GetProperty("timeline").EnumerateArray().Select(e => e.GetProperty("seq").GetInt32()).ToList();
        seqs.ShouldBe(Enumerable.Range(1, seqs.Count));
    }

    [Fact]
    public async Task A_sandbox_that_is_killed_keeps_its_books_and_its_machines_go_on()
    {
        await using var stack = await WoprStack.StartAsync(boot: "script", pace: "0.1");
        var job = await stack.OrderAsync("books");
        await stack.UntilAsync(job, "deploying_wopr", "completed");
        stack.Clouds!.Dispose();
        await stack.StartCloudsAsync();
        var status = await stack.UntilAsync(job, "completed", "failed");
        status.GetProperty("state").GetString().ShouldBe("completed", status.ToString());
        (await stack.Sandbox.ServersAsync()).Count.ShouldBe(1);
    }
}
