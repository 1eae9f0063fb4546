using Wopr.Cloudflare;
using Wopr.Hetzner;
using Wopr.Platform.Http;

namespace Wopr.Orchestrator.Tests.Http;

public sealed class TokenTests
{
    [Fact]
    public async Task The_token_is_sent_and_stands_nowhere_else()
    {
        await using var bench = await ProviderBench.StartAsync();
        bench.On("GET /v1/servers/7", Answer.Lost())
            .On("GET /v1/servers/7", Answer.Refusal(429, "rate_limit_exceeded", ("Retry-After", "1")))
            .On("GET /v1/servers/7", Answer.Refusal(401, "unauthorized"));

        var failure = (await bench.Cloud.GetServerAsync(7, CancellationToken.None)).Refusal();

        bench.Server.Received.ShouldAllBe(r => r.Authorization == $"Bearer {ProviderBench.Token}");
        bench.Logs.Lines.Count.ShouldBeGreaterThan(2);
        bench.Logs.Lines.ShouldAllBe(l => !l.Contains(ProviderBench.Token));
        failure.ToString().ShouldNotContain(ProviderBench.Token);
        bench.Server.Done();
    }

    [Fact]
    public void Options_print_without_the_token()
    {
        new HetznerOptions(new Uri("https://a.test/v1"), ProviderBench.Token).ToString().ShouldNotContain(ProviderBench.Token);
        new CloudflareOptions(new Uri("https://a.test/v4"), ProviderBench.Token, "example.com").ToString().ShouldNotContain(ProviderBench.Token);
    }

    [Theory]
    [InlineData("")]
    [InlineData("two\nlines")]
    [InlineData("a b")]
    [InlineData("übel")]
    public void A_token_that_no_header_can_carry_is_refused_without_quoting_it(string text)
    {
        var refused = Should.Throw<ArgumentException>(() => new ApiToken(text));
        if (text.Length > 0) refused.Message.ShouldNotContain(text);
    }

    [Fact]
    public void A_fingerprint_tells_tokens_apart()
    {
        new ApiToken("one").Fingerprint.ShouldBe(new ApiToken("one").Fingerprint);
        new ApiToken("one").Fingerprint.ShouldNotBe(new ApiToken("two").Fingerprint);
    }
}
