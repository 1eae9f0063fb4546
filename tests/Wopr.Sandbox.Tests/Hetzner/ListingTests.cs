using System.Text.Json.Nodes;
using Wopr.Sandbox.Tests.Support;

namespace Wopr.Sandbox.Tests.Hetzner;

public sealed class ListingTests : SandboxTest
{
    [Fact]
    public async Task Pages_of_25_unless_told_and_never_more_than_50()
    {
        await Servers(60);

        var first = (await Hetzner("GET", "/servers")).Body;
        first["servers"]!.AsArray().Count.ShouldBe(25);
        first["meta"]!["pagination"]!.ToJsonString().ShouldBe(
            """{"page":1,"per_page":25,"previous_page":null,"next_page":2,"last_page":3,"total_entries":60}""");

        var last = (await Hetzner("GET", "/servers?page=2&per_page=500")).Body;
        last["servers"]!.AsArray().Count.ShouldBe(10);
        last["meta"]!["pagination"]!.ToJsonString().ShouldBe(
            """{"page":2,"per_page":50,"previous_page":1,"next_page":null,"last_page":2,"total_entries":60}""");
    }

    [Fact]
    public async Task Every_server_stands_on_exactly_one_page()
    {
        await Servers(12);
        var seen = new List<long>();
        for (int? page = 1; page is not null;)
        {
            var body = (await Hetzner("GET", $"/servers?per_page=5&page={page}")).Body;
            seen.AddRange(body["servers"]!.AsArray().Select(server => Id(server!)));
            page = (int?)body["meta"]!["pagination"]!["next_page"];
        }

        seen.Count.ShouldBe(12);
        seen.ShouldBe(seen.Distinct());
    }

    [Fact]
    public async Task An_empty_list_has_one_page()
    {
        (await Hetzner("GET", "/servers")).Body["meta"]!["pagination"]!.ToJsonString().ShouldBe(
            """{"page":1,"per_page":25,"previous_page":null,"next_page":null,"last_page":1,"total_entries":0}""");
    }

    [Theory]
    [InlineData("page=0", "page")]
    [InlineData("page=x", "page")]
    [InlineData("per_page=0", "per_page")]
    [InlineData("per_page=-1", "per_page")]
    [InlineData("sort=colour", "sort")]
    [InlineData("sort=name:up", "sort")]
    [InlineData("label_selector=a@b", "label_selector")]
    public async Task What_makes_no_sense_is_refused(string query, string field)
    {
        (await Hetzner("GET", $"/servers?{query}")).ShouldRefuse(422, "invalid_input")
            .Body["error"]!["details"]!["fields"]![0]!["name"]!.GetValue<string>().ShouldBe(field);
    }

    [Fact]
    public async Task Filters_and_order()
    {
        await RunningServer("b", new { labels = new { tier = "one" } });
        await RunningServer("c", new { labels = new { tier = "two" } });
        await Hetzner("POST", "/servers", Order("a", new { labels = new { tier = "two" } }));

        (await Names("")).ShouldBe(["b", "c", "a"]);
        (await Names("?sort=name")).ShouldBe(["a", "b", "c"]);
        (await Names("?sort=id:desc")).ShouldBe(["a", "c", "b"]);
        (await Names("?name=c")).ShouldBe(["c"]);
        (await Names("?label_selector=tier%3D%3Dtwo&sort=name:desc")).ShouldBe(["c", "a"]);
        (await Names("?status=initializing")).ShouldBe(["a"]);
        (await Names("?status=initializing&status=running")).ShouldBe(["b", "c", "a"]);
    }

    private async Task Servers(int count)
    {
        for (var i = 0; i < count; i++)
        {
            (await Hetzner("POST", "/servers", Order(Text($"server-{i}")))).ShouldBe(201);
        }
    }

    private async Task<IEnumerable<string>> Names(string query)
    {
        JsonNode body = (await Hetzner("GET", "/servers" + query)).ShouldBe(200).Body;
        return body["servers"]!.AsArray().Select(server => server!["name"]!.GetValue<string>());
    }
}
