using Wopr.Integration.Tests.Stack;

namespace Wopr.Integration.Tests;

/// <summary>A provider that refuses the token is one incident for all the jobs that meet it.</summary>
public sealed class ProviderIncidentTests
{
    [Fact]
    public async Task A_refused_token_is_one_incident_that_ends_when_the_provider_answers_again()
    {
        await using var stack = await WoprStack.StartAsync();
        await stack.UntilAsync(await stack.OrderAsync("before"), "completed");
        await stack.Sandbox.MisbehaveAsync(new { provider = "hetzner", kind = "status", status = 401, code = "unauthorized" });
        var jobs = await Task.WhenAll(Enumerable.Range(0, 3).Select(i => stack.OrderAsync($"refused-{i}")));
        foreach (var job in jobs) (await stack.UntilAsync(job, "failed", "completed")).GetProperty("error").GetProperty("code").GetString().ShouldBe("HETZ-007");

        var incident = (await stack.IncidentsAsync()).ShouldHaveSingleItem();
        incident.GetProperty("cause").GetString().ShouldBe("provider:hetzner");
        incident.GetProperty("code").GetString().ShouldBe("HETZ-007");
        incident.GetProperty("count").GetInt32().ShouldBeGreaterThanOrEqualTo(3);

        await stack.Sandbox.BehaveAsync();
        await stack.SweepAsync();
        await stack.UntilAsync(async () => (await stack.IncidentsAsync("?state=closed")).Any(i => i.GetProperty("cause").GetString() == "provider:hetzner"), "the provider answers again");
    }
}
