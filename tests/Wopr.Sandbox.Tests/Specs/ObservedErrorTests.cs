using System.Text.Json.Nodes;
using Wopr.Sandbox.Tests.Support;
using Wopr.Tests.Support;

namespace Wopr.Sandbox.Tests.Specs;

/// <summary>Refusals that were seen on the wire: the emulators give the very same bodies, down to the text.</summary>
public sealed class ObservedErrorTests : SandboxTest
{
    private const string Key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICBS9fuE8qdfztAgDvynX0Gn8mYNtwl2DpKuUIZKXqXx me";
    private const string HetznerErrors = "specs/hetzner/errors.observed.json";
    private const string CloudflareErrors = "specs/cloudflare/errors.observed.json";

    [SharedFact(HetznerErrors)]
    public async Task Hetzner_refuses_in_the_same_words()
    {
        Seen(await Hetzner("GET", "/servers", token: null));
        Seen(await Hetzner("GET", "/servers", token: "wrong"));
        Seen(await Hetzner("GET", "/nonsense"));
        Seen(await Hetzner("GET", "/datacenters"));
        Seen(await Hetzner("PATCH", "/servers"));
        Seen(await Hetzner("POST", "/servers", "{"));
        Seen(await Hetzner("GET", "/servers/42"));
        Seen(await Hetzner("POST", "/servers", Order("under_score")));
        Seen(await Hetzner("POST", "/servers", Order("one", new { user_data = new string('x', 40000) })));
        Seen(await Hetzner("POST", "/servers", Order("one", new { server_type = "cpx22", location = "ash" })));
        Seen(await Hetzner("POST", "/servers", Order("one", new { server_type = "cx22" })));

        (await Hetzner("POST", "/ssh_keys", new { name = "k", public_key = Key })).ShouldBe(201);
        Seen(await Hetzner("POST", "/ssh_keys", new { name = "l", public_key = Key }));

        var server = Id((await Hetzner("POST", "/servers", Order("one"))).ShouldBe(201).Body["server"]!);
        Seen(await Hetzner("DELETE", $"/servers/{server}"));
        Seen(await Hetzner("POST", "/servers", Order("one")));
        Advance(2);
        (await Hetzner("POST", $"/servers/{server}/actions/change_protection", new { delete = true })).ShouldBe(201);
        Advance(2);
        Seen(await Hetzner("DELETE", $"/servers/{server}"));

        await Misbehave(new { kind = "out_of_stock", times = 1 }, new { kind = "location_disabled", location = "nbg1" });
        Seen(await Hetzner("POST", "/servers", Order("two")));
        Seen(await Hetzner("POST", "/servers", Order("two", new { location = "nbg1" })));
        await Misbehave(new { kind = "limit", name = "primary_ip_limit", limit = 2 });
        Seen(await Hetzner("POST", "/servers", Order("two")));
        await Misbehave(new { kind = "limit", limit = 1 });
        Seen(await Hetzner("POST", "/servers", Order("two")));
        foreach (var status in new[] { 409, 503, 502, 504, 429 })
        {
            await Misbehave(new { kind = "status", status, times = 1 });
            Seen(await Hetzner("GET", "/servers"));
        }

        void Seen(Reply reply) => ShouldBeAmong(reply, HetznerErrors, body => body["error"]!["message"]!.GetValue<string>());
    }

    [SharedFact(CloudflareErrors)]
    public async Task Cloudflare_refuses_in_the_same_words()
    {
        const string Unknown = "0123456789012345678901234567890123456789";
        Seen(await Cloudflare("GET", "/zones", token: null));
        Seen(await Cloudflare("GET", "/zones", token: ""));
        Seen(await Cloudflare("GET", "/zones", token: Unknown));
        Seen(await Cloudflare("GET", "/user/tokens/verify", token: Unknown));
        Seen(await Cloudflare("GET", "/zones/xyz"));
        Seen(await Cloudflare("GET", "/nonsense"));
        Seen(await Cloudflare("GET", $"/zones/{new string('f', 32)}"));
        Seen(await Dns("DELETE", "/" + new string('f', 32)));
        Seen(await Dns("POST", "", new { type = "A", name = "a", content = "nonsense" }));
        (await Dns("POST", "", new { type = "A", name = "a", content = "198.18.0.1" })).ShouldBe(200);
        Seen(await Dns("POST", "", new { type = "A", name = "a", content = "198.18.0.1" }));
        Seen(await Dns("POST", "", new { type = "CNAME", name = "a", content = "b.example.com" }));
        await Misbehave(new { kind = "rate_limit", provider = "cloudflare", limit = 0 });
        var throttled = await Cloudflare("GET", "/zones");
        Seen(throttled);
        throttled.Header("Retry-After").ShouldBe("300");
        throttled.Header("Ratelimit").ShouldBe("\"default\";r=0;t=300");

        void Seen(Reply reply) => ShouldBeAmong(reply, CloudflareErrors, body => body["errors"]![0]!["code"]!.ToString() + body["errors"]![0]!["message"]);
    }

    private static void ShouldBeAmong(Reply reply, string file, Func<JsonNode, string> words)
    {
        var observed = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Shared, file)))!.AsArray()
            .Where(entry => entry!["status"]!.GetValue<int>() == reply.Status)
            .Select(entry => entry!["body"]!)
            .ToList();
        var same = observed.Find(body => words(body) == words(reply.Body)).ShouldNotBeNull($"{reply.Status} {reply.Text} was never seen");
        JsonNode.DeepEquals(same, reply.Body).ShouldBeTrue($"seen was {same.ToJsonString()}, this is {reply.Text}");
    }
}
