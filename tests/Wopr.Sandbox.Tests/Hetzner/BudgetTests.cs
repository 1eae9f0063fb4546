using Wopr.Sandbox.Tests.Support;

namespace Wopr.Sandbox.Tests.Hetzner;

public sealed class BudgetTests : SandboxTest
{
    [Fact]
    public async Task Each_answer_tells_what_is_left()
    {
        (await Hetzner("GET", "/locations")).Header("RateLimit-Remaining").ShouldBe("3599");
        var second = await Hetzner("GET", "/servers/42");

        second.Header("RateLimit-Limit").ShouldBe("3600");
        second.Header("RateLimit-Remaining").ShouldBe("3598");
        second.Header("RateLimit-Reset").ShouldBe(Time.GetUtcNow().AddSeconds(2).ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture));
        (await Hetzner("GET", "/locations", token: "other-project")).Header("RateLimit-Remaining").ShouldBe("3599");
    }

    [Fact]
    public async Task A_spent_budget_refuses_and_one_call_comes_back_each_second()
    {
        await Misbehave(new { kind = "rate_limit", provider = "hetzner", limit = 2, seconds = 2 });
        (await Hetzner("GET", "/locations")).ShouldBe(200);
        (await Hetzner("GET", "/locations")).ShouldBe(200);

        var refused = (await Hetzner("GET", "/locations")).ShouldRefuse(429, "rate_limit_exceeded");
        refused.Header("Retry-After").ShouldBeNull();
        refused.Header("RateLimit-Remaining").ShouldBe("0");
        Advance(1);
        (await Hetzner("GET", "/locations")).ShouldBe(200);
        (await Hetzner("GET", "/locations")).ShouldBe(429);
    }
}
