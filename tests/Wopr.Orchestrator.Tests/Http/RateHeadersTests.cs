using Wopr.Platform.Http.Budget;

namespace Wopr.Orchestrator.Tests.Http;

public sealed class RateHeadersTests
{
    [Fact]
    public void Hetzners_spelling()
    {
        Read(("RateLimit-Limit", "3600"), ("RateLimit-Remaining", "12"), ("RateLimit-Reset", "1795262400")).ShouldBe(new RateReading(12, 3600));
        Read(("RateLimit-Remaining", "0")).ShouldBe(new RateReading(0));
    }

    [Theory]
    [InlineData("3000", "Fri, 21 Nov 2025 11:50:00 GMT", 1.0)] // 600 spent, full in 600 s
    [InlineData("3598", "Fri, 21 Nov 2025 11:50:00 GMT", null)] // too few to tell
    [InlineData("3000", "Fri, 21 Nov 2025 12:50:00 GMT", null)] // the reset has passed
    [InlineData("3000", null, null)]
    public void How_fast_calls_come_back_follows_from_the_providers_own_clock(string remaining, string? date, double? refill)
    {
        var headers = new List<(string, string)> { ("RateLimit-Limit", "3600"), ("RateLimit-Remaining", remaining), ("RateLimit-Reset", "1763726400") };
        if (date is not null) headers.Add(("Date", date));
        Read([.. headers])!.RefillPerSecond.ShouldBe(refill);
    }

    [Fact]
    public void Cloudflares_spelling()
    {
        Read(("Ratelimit", "\"default\";r=7;t=300"), ("Ratelimit-Policy", "\"burst\";q=1200;w=300")).ShouldBe(new RateReading(7));
    }

    [Theory]
    [InlineData("RateLimit-Remaining", "soon")]
    [InlineData("RateLimit-Remaining", "-3")]
    [InlineData("Ratelimit", "nonsense")]
    [InlineData("Ratelimit", "\"default\";r=;t")]
    [InlineData("Server", "x")]
    public void Whatever_else_says_nothing(string name, string value) => Read((name, value)).ShouldBeNull();

    private static RateReading? Read(params (string Name, string Value)[] headers)
    {
        using var response = new HttpResponseMessage();
        foreach (var (name, value) in headers) response.Headers.TryAddWithoutValidation(name, value);
        return RateHeaders.Read(response.Headers);
    }
}
