using System.Diagnostics;
using Wopr.Sandbox.Tests.Support;
using Wopr.Sandbox.Wire;

namespace Wopr.Sandbox.Tests.Misbehaviour;

public sealed class RuleTests : SandboxTest
{
    [Fact]
    public async Task A_status_with_and_without_Retry_After()
    {
        await Misbehave(
            new { kind = "status", provider = "hetzner", path = "/servers", status = 429, times = 1 },
            new { kind = "status", provider = "hetzner", path = "/servers", status = 429, retry_after = 7, times = 1 },
            new { kind = "status", provider = "hetzner", path = "/servers", status = 503, times = 1 });

        (await Hetzner("GET", "/servers")).ShouldRefuse(429, "rate_limit_exceeded").Header("Retry-After").ShouldBeNull();
        (await Hetzner("GET", "/servers")).ShouldRefuse(429, "rate_limit_exceeded").Header("Retry-After").ShouldBe("7");
        (await Hetzner("GET", "/servers")).ShouldRefuse(503, "unavailable");
        (await Hetzner("GET", "/servers")).ShouldBe(200);
    }

    [Fact]
    public async Task A_page_of_HTML()
    {
        await Misbehave(new { kind = "status", provider = "cloudflare", status = 502, body = "html" });

        (await Cloudflare("GET", "/zones")).ShouldBe(502).Text.ShouldStartWith("<html>");
    }

    [Fact]
    public async Task A_reset_comes_before_the_effect_and_a_lost_answer_after_it()
    {
        await Misbehave(
            new { kind = "reset", provider = "hetzner", method = "POST", path = "/servers", times = 1 },
            new { kind = "lost", provider = "hetzner", method = "POST", path = "/servers", times = 1, after = 0 });

        await Should.ThrowAsync<HttpRequestException>(Hetzner("POST", "/servers", Order("one")));
        (await Hetzner("GET", "/servers")).Body["servers"]!.AsArray().ShouldBeEmpty();

        await Should.ThrowAsync<HttpRequestException>(Hetzner("POST", "/servers", Order("one")));
        (await Hetzner("GET", "/servers?name=one")).Body["servers"]!.AsArray().Count.ShouldBe(1);
    }

    [Fact]
    public async Task Latency_adds_up_and_delays_no_one_else()
    {
        await Misbehave(new { kind = "latency", path = "/locations", ms = 100 }, new { kind = "latency", path = "/locations", ms = 100 });

        var watch = Stopwatch.StartNew();
        (await Hetzner("GET", "/locations")).ShouldBe(200);
        watch.ElapsedMilliseconds.ShouldBeGreaterThanOrEqualTo(190);
    }

    [Fact]
    public async Task Rules_count_let_some_through_and_end()
    {
        await Misbehave(new { kind = "status", path = "^/servers$", status = 500, after = 1, times = 2 });

        var seen = new List<int>();
        for (var i = 0; i < 5; i++)
        {
            seen.Add((await Hetzner("GET", "/servers")).Status);
        }

        seen.ShouldBe([200, 500, 500, 200, 200]);
        (await Hetzner("GET", "/servers/1")).ShouldBe(404);
    }

    [Fact]
    public async Task The_same_seed_gives_the_same_strikes()
    {
        async Task<string> Run()
        {
            await Misbehave(new { kind = "status", provider = "hetzner", status = 500, probability = 0.5, seed = 7 });
            var marks = "";
            for (var i = 0; i < 20; i++)
            {
                marks += (await Hetzner("GET", "/locations")).Status == 500 ? 'x' : '.';
            }

            await Admin("DELETE", "/misbehave");
            return marks;
        }

        var first = await Run();
        (await Run()).ShouldBe(first);
        first.ShouldContain('x');
        first.ShouldContain('.');
    }

    [Fact]
    public async Task A_failed_action_ends_in_its_error_and_so_does_what_waits_for_it()
    {
        await Misbehave(new { kind = "action_fails", command = "create_server", code = "server_error", message = "no luck", times = 1 });
        var body = (await Hetzner("POST", "/servers", Order("one"))).ShouldBe(201).Body;
        Advance(5);

        var actions = (await Hetzner("GET", $"/actions?id={Id(body["action"]!)}&id={Id(body["next_actions"]![0]!)}")).Body["actions"]!.AsArray();
        actions.Select(action => action!["status"]!.GetValue<string>()).ShouldBe(["error", "error"]);
        actions[0]!["error"]!["code"]!.GetValue<string>().ShouldBe("server_error");
        (await Hetzner("GET", $"/servers/{Id(body["server"]!)}")).Body["server"]!["status"]!.GetValue<string>().ShouldBe("off");
        Machines.Orders.ShouldBeEmpty();
    }

    [Fact]
    public async Task Out_of_stock_although_available()
    {
        await Misbehave(
            new { kind = "out_of_stock", server_type = "cx23", location = "fsn1" },
            new { kind = "location_disabled", location = "nbg1" });

        var type = (await Hetzner("GET", "/server_types?name=cx23")).Body["server_types"]![0]!;
        type["locations"]!.AsArray().ShouldAllBe(location => location!["available"]!.GetValue<bool>());
        (await Hetzner("POST", "/servers", Order("one"))).ShouldRefuse(412, "resource_unavailable", "error during placement");
        (await Hetzner("POST", "/servers", Order("one", new { location = "nbg1" }))).ShouldRefuse(412, "resource_unavailable", "server location disabled");
        (await Hetzner("POST", "/servers", Order("one", new { location = "hel1" }))).ShouldBe(201);
        (await Hetzner("POST", "/servers", Order("two", new { server_type = "cx33" }))).ShouldBe(201);
    }

    [Fact]
    public async Task A_type_can_be_deprecated_or_vanish()
    {
        await Misbehave(new { kind = "type_deprecated", server_type = "cx23" }, new { kind = "type_vanished", server_type = "cx33" });

        (await Hetzner("GET", "/server_types?name=cx23")).Body["server_types"]![0]!["deprecation"].ShouldNotBeNull();
        (await Hetzner("GET", "/server_types?name=cx33")).Body["server_types"]!.AsArray().ShouldBeEmpty();
        (await Hetzner("POST", "/servers", Order("one"))).ShouldRefuse(422, "invalid_input", "server type 114 is deprecated");
        (await Hetzner("POST", "/servers", Order("one", new { server_type = "cx33" }))).ShouldRefuse(422, "invalid_input", "server type 115 is deprecated");
    }

    [Fact]
    public async Task A_delete_can_meet_a_lock()
    {
        var server = Id(await RunningServer("one"));
        await Misbehave(new { kind = "locked_delete", times = 2 });

        (await Hetzner("DELETE", $"/servers/{server}")).ShouldRefuse(423, "locked");
        (await Hetzner("DELETE", $"/servers/{server}")).ShouldRefuse(423, "locked");
        (await Hetzner("DELETE", $"/servers/{server}")).ShouldBe(200);
    }

    [Fact]
    public async Task A_server_can_stay_where_it_is()
    {
        await Misbehave(new { kind = "never_running", server_status = "unknown", times = 1 });
        var server = Id(await RunningServer("one"));

        Advance(3600);
        (await Hetzner("GET", $"/servers/{server}")).Body["server"]!["status"]!.GetValue<string>().ShouldBe("unknown");
        Machines.Orders.ShouldBeEmpty();
    }

    [Fact]
    public async Task Someone_else_can_be_faster()
    {
        await Misbehave(
            new { kind = "clash", provider = "hetzner", times = 1 },
            new { kind = "clash", provider = "cloudflare", names = new[] { "there.beacons.test" }, type = "CNAME", content = "elsewhere.example.com", times = 0 },
            new { kind = "clash", provider = "cloudflare", times = 1 });

        (await Hetzner("POST", "/servers", Order("one"))).ShouldRefuse(409, "uniqueness_error");
        (await Hetzner("GET", "/servers?name=one")).Body["servers"]![0]!["labels"]!["job"].ShouldBeNull();

        (await Dns("GET", "?name=there.beacons.test")).Body["result"]![0]!["comment"].ShouldBeNull();
        (await Dns("POST", "", new { type = "A", name = "there.beacons.test", content = "198.18.0.1" })).ShouldRefuse(400, 81053);

        (await Dns("POST", "", new { type = "CNAME", name = "next", content = "x.example.com" })).ShouldRefuse(400, 81053);
        (await Dns("GET", "?name=next.beacons.test")).Body["result"]![0]!["content"]!.GetValue<string>().ShouldBe("192.0.2.1");
    }

    [Theory]
    [InlineData("""{"kind":"nonsense"}""")]
    [InlineData("""{"kind":"status"}""")]
    [InlineData("""{"kind":"status","status":99}""")]
    [InlineData("""{"kind":"latency","millis":5}""")]
    [InlineData("""{"kind":"latency","provider":"aws"}""")]
    [InlineData("""{"kind":"latency","probability":2}""")]
    [InlineData("""{"kind":"latency","path":"^("}""")]
    [InlineData("""{"kind":"limit"}""")]
    [InlineData("""{"kind":"clash"}""")]
    [InlineData("""{"provider":"hetzner"}""")]
    [InlineData("nonsense")]
    public async Task A_rule_that_makes_no_sense_is_refused(string rule)
    {
        (await SendAsync(Face.Hetzner, "/_sandbox", "POST", "/misbehave", rule, token: null)).ShouldBe(400).Body["error"].ShouldNotBeNull();
        (await Admin("GET", "/misbehave"))["rules"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_rule_for_one_token_leaves_the_other_projects_alone()
    {
        await Misbehave(
            new { kind = "limit", provider = "hetzner", token = "other-project", limit = 0 },
            new { kind = "status", provider = "hetzner", token = HetznerToken, method = "DELETE", status = 503 },
            new { kind = "rate_limit", provider = "hetzner", token = "other-project", limit = 7, seconds = 7 });
        var server = Id(await RunningServer("one"));
        (await Hetzner("POST", "/servers", Order("one"), token: "other-project")).ShouldRefuse(403, "resource_limit_exceeded").Header("RateLimit-Limit").ShouldBe("7");
        (await Hetzner("GET", "/servers")).Header("RateLimit-Limit").ShouldBe("3600");
        (await Hetzner("DELETE", $"/servers/{server}", token: "other-project")).ShouldRefuse(404, "not_found");
        (await Hetzner("DELETE", $"/servers/{server}")).ShouldRefuse(503, "unavailable");
    }
}
