using Wopr.Sandbox.Tests.Support;

namespace Wopr.Sandbox.Tests.Cloudflare;

public sealed class ZoneTests : SandboxTest
{
    [Fact]
    public async Task The_zone_is_there_from_the_start()
    {
        var found = (await Cloudflare("GET", $"/zones?name={Zone}&status=active")).ShouldBe(200).Body;
        found["result"]!.AsArray().Single()!["id"]!.GetValue<string>().ShouldBe(ZoneId);
        found["result_info"]!.ToJsonString().ShouldBe("""{"page":1,"per_page":20,"count":1,"total_count":1,"total_pages":1}""");

        (await Cloudflare("GET", $"/zones/{ZoneId}")).ShouldBe(200).Body["result"]!["name"]!.GetValue<string>().ShouldBe(Zone);
        (await Cloudflare("GET", "/zones?name=example.com")).ShouldBe(200).Body["result"]!.AsArray().ShouldBeEmpty();
        (await Cloudflare("GET", "/zones?page=2")).ShouldBe(200).Body["result"]!.AsArray().ShouldBeEmpty();
        (await Cloudflare("GET", "/zones?per_page=100")).ShouldBe(400);
    }

    [Fact]
    public async Task The_zone_holds_a_type_that_clients_never_heard_of() =>
        (await Dns("GET", "?type=HTTPS")).ShouldBe(200).Body["result"]!.AsArray().Count.ShouldBe(1);

    [Fact]
    public async Task The_cache_is_purged()
    {
        (await Cloudflare("POST", $"/zones/{ZoneId}/purge_cache", new { files = new[] { "https://a.beacons.test/x" } })).ShouldBe(200)
            .Body["result"]!["id"]!.GetValue<string>().ShouldBe(ZoneId);
        (await Cloudflare("POST", $"/zones/{ZoneId}/purge_cache", new { purge_everything = true })).ShouldBe(200);
        (await Cloudflare("POST", $"/zones/{ZoneId}/purge_cache", new { })).ShouldBe(400);
        (await Cloudflare("POST", $"/zones/{ZoneId}/purge_cache", new { files = Array.Empty<string>() })).ShouldBe(400);
    }
}
