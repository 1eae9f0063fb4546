using Wopr.Sandbox.Tests.Support;

namespace Wopr.Sandbox.Tests.Cloudflare;

public sealed class AuthenticationTests : SandboxTest
{
    [Fact]
    public async Task Without_credentials() => (await Cloudflare("GET", "/zones", token: null)).ShouldRefuse(400, 9106);

    [Theory]
    [InlineData("")]
    [InlineData("short")]
    [InlineData("has a space in the middle of it all")]
    public async Task With_a_malformed_token(string token)
    {
        var reply = (await Cloudflare("GET", "/zones", token: token)).ShouldRefuse(400, 6003);
        reply.Body["errors"]![0]!["error_chain"]![0]!["code"]!.GetValue<int>().ShouldBe(6111);
        (await Cloudflare("GET", "/user/tokens/verify", token: token)).ShouldRefuse(400, 6111);
    }

    [Fact]
    public async Task With_an_unknown_token()
    {
        const string Unknown = "0123456789012345678901234567890123456789";
        (await Cloudflare("GET", "/zones", token: Unknown)).ShouldRefuse(401, 10000);
        (await Cloudflare("GET", "/user/tokens/verify", token: Unknown)).ShouldRefuse(401, 1000);
    }

    [Fact]
    public async Task With_the_right_one()
    {
        (await Cloudflare("GET", "/user/tokens/verify")).ShouldBe(200).Body["result"]!["status"]!.GetValue<string>().ShouldBe("active");
        (await Cloudflare("GET", "/accounts")).ShouldBe(200).Body["result"]!.AsArray().Count.ShouldBe(1);
    }

    [Fact]
    public async Task Paths_and_ids()
    {
        (await Cloudflare("GET", "/nonsense", token: null)).ShouldRefuse(404, 10404);
        (await Cloudflare("GET", "/zones/xyz")).ShouldRefuse(404, 7003);
        (await Cloudflare("GET", "/zones/ffffffffffffffffffffffffffffffff")).ShouldRefuse(403, 9109);
        (await Cloudflare("GET", $"/zones/{ZoneId}/dns_records/xyz")).ShouldRefuse(404, 7003);
        (await Cloudflare("GET", $"/zones/{ZoneId}/dns_records/ffffffffffffffffffffffffffffffff")).ShouldRefuse(404, 81044);
        (await Cloudflare("PATCH", "/zones")).ShouldRefuse(405, 10405);
        (await Cloudflare("POST", $"/zones/{ZoneId}/dns_records", "{")).ShouldRefuse(400, 9207);
    }
}
