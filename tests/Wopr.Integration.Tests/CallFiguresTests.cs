using Wopr.Integration.Tests.Stack;
using Xunit.Abstractions;

namespace Wopr.Integration.Tests;

/// <summary>The promise of few calls: at most two to Hetzner and one to Cloudflare for each of fifty jobs at once.</summary>
public sealed class CallFiguresTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Fifty_orders_at_once_cost_two_calls_each_at_Hetzner_and_one_at_Cloudflare()
    {
        await using var stack = await WoprStack.StartAsync();
        await HoldsAsync(stack, "completed");
    }

    /// <summary>The dearest case: no callback comes, so that every action and every server must be asked for.</summary>
    [Fact]
    public async Task Even_when_no_beacon_calls()
    {
        await using var stack = await WoprStack.StartAsync(boot: "none", pace: "1");
        await HoldsAsync(stack, "deploying_wopr");
    }

    private async Task HoldsAsync(WoprStack stack, string until)
    {
        var figures = await CallFigures.MeasureAsync(stack, 50, until);
        output.WriteLine(figures.ToString());
        figures.PerOrder("hetzner").ShouldBeLessThanOrEqualTo(2, figures.ToString());
        figures.PerOrder("cloudflare").ShouldBeLessThanOrEqualTo(1, figures.ToString());
        figures.Calls.Where(c => c is { Provider: "hetzner", Method: "POST", Path: "/servers" }).Sum(c => c.Count).ShouldBe(50);
    }
}
