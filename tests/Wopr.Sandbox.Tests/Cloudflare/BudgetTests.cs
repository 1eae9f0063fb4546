using Wopr.Sandbox.Tests.Support;

namespace Wopr.Sandbox.Tests.Cloudflare;

public sealed class BudgetTests : SandboxTest
{
    [Fact]
    public async Task Each_answer_tells_what_is_left()
    {
        var reply = await Cloudflare("GET", "/zones");

        reply.Header("Ratelimit").ShouldBe("\"default\";r=1199;t=300");
        reply.Header("Ratelimit-Policy").ShouldBe("\"burst\";q=1200;w=300");
    }

    [Fact]
    public async Task Whoever_exceeds_it_is_shut_out_for_a_period()
    {
        await Misbehave(new { kind = "rate_limit", provider = "cloudflare", limit = 1, seconds = 10 });
        (await Cloudflare("GET", "/zones")).ShouldBe(200);
        Advance(9);

        (await Cloudflare("GET", "/zones")).ShouldRefuse(429, 971).Header("Retry-After").ShouldBe("10");
        Advance(9);
        (await Cloudflare("GET", "/zones")).ShouldRefuse(429, 971).Header("Retry-After").ShouldBe("1");
        Advance(1);
        (await Cloudflare("GET", "/zones")).ShouldBe(200);
    }
}
