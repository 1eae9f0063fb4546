using Wopr.Sandbox.Tests.Support;

namespace Wopr.Sandbox.Tests.Cloudflare;

public sealed class RecordListTests : SandboxTest
{
    [Fact]
    public async Task Filters()
    {
        (await Dns("POST", "", new { type = "A", name = "a", content = "198.18.0.1", comment = "wopr job 1" })).ShouldBe(200);
        (await Dns("POST", "", new { type = "AAAA", name = "a", content = "2001:db8::1", comment = "wopr job 1" })).ShouldBe(200);
        (await Dns("POST", "", new { type = "A", name = "ab", content = "198.18.0.2", comment = "wopr job 12", proxied = true })).ShouldBe(200);

        (await Names("name=a.beacons.test")).ShouldBe(["a A", "a AAAA"]);
        (await Names("name=A.BEACONS.TEST&type=AAAA")).ShouldBe(["a AAAA"]);
        (await Names("name.exact=ab.beacons.test")).ShouldBe(["ab A"]);
        (await Names("name.startswith=a&type=A")).ShouldBe(["a A", "ab A"]);
        (await Names("content=198.18.0.2")).ShouldBe(["ab A"]);
        (await Names("comment.exact=WOPR job 1")).ShouldBe(["a A", "a AAAA"]);
        (await Names("comment=wopr job 12")).ShouldBe(["ab A"]);
        (await Names("comment.contains=job 1")).ShouldBe(["a A", "ab A", "a AAAA"]);
        (await Names("comment.absent")).ShouldBe(["@ HTTPS"]);
        (await Names("proxied=true")).ShouldBe(["ab A"]);
        (await Names("tag=owner")).ShouldBeEmpty();
        (await Names("search=2001")).ShouldBe(["a AAAA"]);
        (await Names("match=any&type=AAAA&content=198.18.0.2")).ShouldBe(["ab A", "a AAAA"]);
        (await Names("order=name&direction=desc&comment.startswith=wopr&type=A")).ShouldBe(["ab A", "a A"]);
        (await Dns("GET", "?order=colour")).ShouldBe(400);
    }

    [Fact]
    public async Task Pages_until_an_empty_one()
    {
        for (var i = 0; i < 5; i++)
        {
            (await Dns("POST", "", new { type = "A", name = Text($"n{i}"), content = "198.18.0.1" })).ShouldBe(200);
        }

        var second = (await Dns("GET", "?type=A&per_page=2&page=2")).ShouldBe(200).Body;
        second["result_info"]!.ToJsonString().ShouldBe("""{"page":2,"per_page":2,"count":2,"total_count":5,"total_pages":3}""");
        (await Dns("GET", "?type=A&per_page=2&page=4")).ShouldBe(200).Body["result"]!.AsArray().ShouldBeEmpty();
        (await Dns("GET", "?per_page=5000000")).ShouldBe(200);
        (await Dns("GET", "?per_page=5000001")).ShouldBe(400);
        (await Dns("GET", "?page=0")).ShouldBe(400);
        (await Dns("GET")).Body["result_info"]!["per_page"]!.GetValue<int>().ShouldBe(100);
    }

    private async Task<IEnumerable<string>> Names(string query) =>
        (await Dns("GET", "?" + query)).ShouldBe(200).Body["result"]!.AsArray()
            .Select(record => $"{record!["name"]!.GetValue<string>().Replace("." + Zone, "", StringComparison.Ordinal).Replace(Zone, "@", StringComparison.Ordinal)} {record["type"]}");
}
