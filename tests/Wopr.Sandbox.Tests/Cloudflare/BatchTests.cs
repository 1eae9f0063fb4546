using Wopr.Sandbox.Tests.Support;

namespace Wopr.Sandbox.Tests.Cloudflare;

public sealed class BatchTests : SandboxTest
{
    [Fact]
    public async Task Deletes_come_before_posts()
    {
        var old = await Make("a", "198.18.0.1");

        var result = (await Dns("POST", "/batch", new
        {
            posts = new[] { new { type = "CNAME", name = "a", content = "b.beacons.test" } },
            deletes = new[] { new { id = old } },
        })).ShouldBe(200).Body["result"]!;
        result["deletes"]![0]!["id"]!.GetValue<string>().ShouldBe(old);
        result["posts"]![0]!["type"]!.GetValue<string>().ShouldBe("CNAME");
        result["patches"].ShouldBeNull();
        result["puts"].ShouldBeNull();
    }

    [Fact]
    public async Task Changes_go_with_it()
    {
        var (one, two) = (await Make("a", "198.18.0.1"), await Make("b", "198.18.0.1"));

        var result = (await Dns("POST", "/batch", new
        {
            patches = new[] { new { id = one, content = "198.18.0.9" } },
            puts = new[] { new { id = two, type = "A", name = "c", content = "198.18.0.8" } },
        })).ShouldBe(200).Body["result"]!;
        result["patches"]![0]!["content"]!.GetValue<string>().ShouldBe("198.18.0.9");
        result["puts"]![0]!["name"]!.GetValue<string>().ShouldBe("c.beacons.test");
    }

    [Fact]
    public async Task All_of_it_or_nothing()
    {
        var kept = await Make("a", "198.18.0.1");

        (await Dns("POST", "/batch", new
        {
            deletes = new[] { new { id = kept } },
            posts = new object[]
            {
                new { type = "A", name = "b", content = "198.18.0.2" },
                new { type = "A", name = "b", content = "198.18.0.2" },
                new { type = "A", name = "c", content = "nonsense" },
            },
        })).ShouldRefuse(400, 81058);

        (await Dns("GET", $"/{kept}")).ShouldBe(200);
        (await Dns("GET", "?name=b.beacons.test")).Body["result"]!.AsArray().ShouldBeEmpty();
        await RestartAsync();
        (await Dns("GET", "?type=A")).Body["result"]!.AsArray().Count.ShouldBe(1);
    }

    [Fact]
    public async Task Two_hundred_operations_at_most()
    {
        object Posts(int count) => new { posts = Enumerable.Range(0, count).Select(i => new { type = "A", name = Text($"n{i}"), content = "198.18.0.1" }) };

        (await Dns("POST", "/batch", Posts(201))).ShouldRefuse(400, 81056);
        (await Dns("POST", "/batch", Posts(200))).ShouldBe(200);
        (await Dns("POST", "/batch", new { })).ShouldBe(400);
        (await Dns("POST", "/batch", new { deletes = new[] { new { id = new string('f', 32) } } })).ShouldRefuse(404, 81044);
    }

    private async Task<string> Make(string name, string content) =>
        (await Dns("POST", "", new { type = "A", name, content })).ShouldBe(200).Body["result"]!["id"]!.GetValue<string>();
}
