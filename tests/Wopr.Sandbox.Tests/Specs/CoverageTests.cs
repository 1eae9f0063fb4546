using System.Text.Json.Nodes;
using Wopr.Sandbox.Tests.Support;
using Wopr.Sandbox.Wire;
using Wopr.Tests.Support;

namespace Wopr.Sandbox.Tests.Specs;

/// <summary>Calls every operation that the emulators have, so that each answer is held to the provider's own document.</summary>
public sealed class CoverageTests : SandboxTest
{
    private const string Key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICBS9fuE8qdfztAgDvynX0Gn8mYNtwl2DpKuUIZKXqXx me";

    /// <summary>What this emulator has none of: it answers nothing there that could be checked.</summary>
    private static readonly string[] Left =
    [
        "POST /servers/{id}/actions/add_to_placement_group",
        "POST /servers/{id}/actions/attach_iso",
        "POST /servers/{id}/actions/attach_to_network",
        "POST /servers/{id}/actions/change_alias_ips",
        "POST /servers/{id}/actions/detach_from_network",
        "POST /servers/{id}/actions/detach_iso",
        "POST /servers/{id}/actions/remove_from_placement_group",
    ];

    [SharedFact("specs/hetzner/cloud.spec.trimmed.json")]
    public async Task Every_operation_of_Hetzner_Cloud_answers_as_documented()
    {
        var key = Id((await Good("POST", "/ssh_keys", new { name = "k", public_key = Key }))["ssh_key"]!);
        var rule = new { direction = "in", protocol = "tcp", port = "443", source_ips = new[] { "0.0.0.0/0" }, description = "web" };
        var firewall = Id((await Good("POST", "/firewalls", new { name = "web", rules = new[] { rule } }))["firewall"]!);
        var created = await Good("POST", "/servers", Order("one", new { ssh_keys = new[] { key }, firewalls = new[] { new { firewall } } }));
        var server = Id(created["server"]!);
        var net = created["server"]!["public_net"]!;
        Advance(2);
        var volume = Id((await Good("POST", "/volumes", new { name = "data", size = 10, server }))["volume"]!);
        var ip = Id((await Good("POST", "/primary_ips", new { name = "kept", type = "ipv4", location = "fsn1" }))["primary_ip"]!);
        Advance(1);

        var image = Id((await Act("servers", server, "create_image"))["image"]!);
        await Act("servers", server, "change_dns_ptr", new { ip = net["ipv4"]!["ip"]!.GetValue<string>(), dns_ptr = "a.b" });
        foreach (var name in new[] { "enable_backup", "disable_backup", "enable_rescue", "disable_rescue", "request_console", "reset_password", "reset", "reboot", "shutdown", "poweron", "poweroff" })
        {
            await Act("servers", server, name);
        }

        await Act("servers", server, "change_type", new { server_type = "cx33", upgrade_disk = false });
        await Act("servers", server, "rebuild", new { image = "debian-12" });
        await Act("servers", server, "change_protection", new { delete = false });
        await Act("servers", server, "poweroff");
        await Act("primary_ips", Id(net["ipv4"]!), "unassign");
        await Act("primary_ips", ip, "assign", new { assignee_type = "server", assignee_id = server });
        await Act("primary_ips", ip, "change_dns_ptr", new { ip = "198.18.0.3", dns_ptr = "c.d" });
        await Act("primary_ips", ip, "change_protection", new { delete = false });
        await Act("volumes", volume, "detach");
        await Act("volumes", volume, "attach", new { server });
        await Act("volumes", volume, "resize", new { size = 11 });
        await Act("volumes", volume, "change_protection", new { delete = false });
        var target = new { type = "server", server = new { id = server } };
        await Act("firewalls", firewall, "remove_from_resources", new { remove_from = new[] { target } });
        await Act("firewalls", firewall, "apply_to_resources", new { apply_to = new[] { target } });
        await Act("firewalls", firewall, "set_rules", new { rules = new[] { rule } });
        await Act("images", image, "change_protection", new { delete = false });

        foreach (var (plural, id) in new[] { ("servers", server), ("firewalls", firewall), ("primary_ips", ip), ("volumes", volume), ("images", image), ("ssh_keys", key), ("server_types", 114), ("locations", 1) })
        {
            await Good("GET", $"/{plural}");
            await Good("GET", $"/{plural}/{id}");
            if (plural is "server_types" or "locations")
            {
                continue;
            }

            await Good("PUT", $"/{plural}/{id}", new { labels = new { seen = "yes" } });
            if (plural == "ssh_keys")
            {
                continue;
            }

            await Good("GET", $"/{plural}/actions");
            var action = Id((await Good("GET", $"/{plural}/{id}/actions"))["actions"]!.AsArray()[0]!);
            await Good("GET", $"/{plural}/actions/{action}");
            await Good("GET", $"/{plural}/{id}/actions/{action}");
            await Good("GET", $"/actions?id={action}");
            await Good("GET", $"/actions/{action}");
        }

        await Good("GET", "/pricing");
        await Good("GET", $"/servers/{server}/metrics?type=cpu,disk,network&start=2026-10-01T00:00:00Z&end=2026-10-01T01:00:00Z");
        (await Hetzner("GET", "/datacenters")).ShouldBe(410);
        (await Hetzner("GET", "/datacenters/1")).ShouldBe(410);
        await Good("DELETE", $"/servers/{server}");
        Advance(5);
        foreach (var path in new[] { $"/ssh_keys/{key}", $"/firewalls/{firewall}", $"/volumes/{volume}", $"/primary_ips/{ip}", $"/images/{image}" })
        {
            (await Hetzner("DELETE", path)).ShouldBe(204);
        }

        var document = OpenApiDocument.For(Face.Hetzner)!;
        document.Operations()
            .Where(operation => !document.Checked.ContainsKey(operation) && !IsBodyless(operation))
            .Except(Left, StringComparer.Ordinal)
            .ShouldBeEmpty();
    }

    [SharedFact("specs/cloudflare/openapi.json")]
    public async Task Every_operation_of_Cloudflare_answers_as_documented()
    {
        (await Cloudflare("GET", "/zones")).ShouldBe(200);
        (await Cloudflare("GET", $"/zones/{ZoneId}")).ShouldBe(200);
        (await Cloudflare("GET", "/user/tokens/verify")).ShouldBe(200);
        (await Cloudflare("POST", $"/zones/{ZoneId}/purge_cache", new { purge_everything = true })).ShouldBe(200);
        (await Dns("GET")).ShouldBe(200);
        foreach (var record in new object[]
        {
            new { type = "A", name = "a", content = "198.18.0.1", comment = "ours" },
            new { type = "AAAA", name = "a", content = "2001:db8::1" },
            new { type = "CNAME", name = "c", content = "a.beacons.test" },
            new { type = "TXT", name = "t", content = "\"text\"" },
            new { type = "MX", name = "m", content = "a.beacons.test", priority = 10 },
            new { type = "NS", name = "n", content = "ns.example.com" },
            new { type = "SRV", name = "_sip._tcp", data = new { priority = 1, weight = 2, port = 3, target = "a.beacons.test" } },
        })
        {
            var id = (await Dns("POST", "", record)).ShouldBe(200).Body["result"]!["id"]!.GetValue<string>();
            (await Dns("GET", $"/{id}")).ShouldBe(200);
            (await Dns("PATCH", $"/{id}", new { ttl = 300 })).ShouldBe(200);
            (await Dns("PUT", $"/{id}", record)).ShouldBe(200);
            (await Dns("POST", "/batch", new { patches = new[] { new { id, ttl = 600 } } })).ShouldBe(200);
            (await Dns("DELETE", $"/{id}")).ShouldBe(200);
        }

        var document = OpenApiDocument.For(Face.Cloudflare)!;
        document.Operations().Where(operation => !document.Checked.ContainsKey(operation)).ShouldBeEmpty();
    }

    private async Task<JsonNode> Act(string plural, long id, string action, object? body = null)
    {
        var answer = await Good("POST", $"/{plural}/{id}/actions/{action}", body);
        Advance(2);
        return answer;
    }

    private async Task<JsonNode> Good(string method, string path, object? body = null)
    {
        var reply = await Hetzner(method, path, body);
        reply.Status.ShouldBeInRange(200, 201, $"{method} {path}: {reply.Text}");
        return reply.Body;
    }

    private static bool IsBodyless(string operation) => operation.StartsWith("DELETE ", StringComparison.Ordinal) && operation != "DELETE /servers/{id}";
}
