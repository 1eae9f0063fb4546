using System.Text.Json.Nodes;
using Wopr.Sandbox.Tests.Support;

namespace Wopr.Sandbox.Tests.Hetzner;

public sealed class FirewallTests : SandboxTest
{
    private static readonly object Https = new { direction = "in", protocol = "tcp", port = "443", source_ips = new[] { "0.0.0.0/0", "::/0" } };

    [Fact]
    public async Task A_firewall_by_label_covers_servers_that_come_later()
    {
        var made = (await Hetzner("POST", "/firewalls", new
        {
            name = "web",
            rules = new[] { Https },
            apply_to = new[] { new { type = "label_selector", label_selector = new { selector = "managed-by==wopr" } } },
        })).ShouldBe(201).Body;
        made["actions"]!.AsArray().Select(action => action!["command"]!.GetValue<string>()).ShouldBe(["set_firewall_rules", "apply_firewall"]);
        var firewall = Id(made["firewall"]!);

        var server = await RunningServer("one", new Dictionary<string, object>(StringComparer.Ordinal) { ["labels"] = new Dictionary<string, string>(StringComparer.Ordinal) { ["managed-by"] = "wopr" } });
        server["public_net"]!["firewalls"]!.AsArray().Select(one => Id(one!)).ShouldBe([firewall]);
        await RunningServer("two");

        var applied = (await Hetzner("GET", $"/firewalls/{firewall}")).Body["firewall"]!["applied_to"]!.AsArray().Single()!;
        applied["applied_to_resources"]!.AsArray().Select(one => Id(one!["server"]!)).ShouldBe([Id(server)]);
        (await Hetzner("DELETE", $"/firewalls/{firewall}")).ShouldRefuse(422, "resource_in_use");
    }

    [Fact]
    public async Task A_firewall_is_applied_and_removed_by_hand()
    {
        var firewall = Id((await Hetzner("POST", "/firewalls", new { name = "web" })).ShouldBe(201).Body["firewall"]!);
        var server = Id(await RunningServer("one", new { firewalls = new[] { new { firewall } } }));
        var target = new { type = "server", server = new { id = server } };

        (await Hetzner("POST", $"/firewalls/{firewall}/actions/apply_to_resources", new { apply_to = new[] { target } })).ShouldRefuse(422, "firewall_already_applied");
        (await Hetzner("POST", $"/firewalls/{firewall}/actions/remove_from_resources", new { remove_from = new[] { target } })).ShouldBe(201);
        (await Hetzner("POST", $"/firewalls/{firewall}/actions/remove_from_resources", new { remove_from = new[] { target } })).ShouldRefuse(404, "firewall_resource_not_found");
        (await Hetzner("DELETE", $"/firewalls/{firewall}")).ShouldBe(204);
    }

    [Fact]
    public async Task A_deleted_server_leaves_its_firewall()
    {
        var firewall = Id((await Hetzner("POST", "/firewalls", new { name = "web" })).ShouldBe(201).Body["firewall"]!);
        var server = Id(await RunningServer("one", new { firewalls = new[] { new { firewall } } }));
        (await Hetzner("DELETE", $"/servers/{server}")).ShouldBe(200);
        Advance(1);

        (await Hetzner("DELETE", $"/firewalls/{firewall}")).ShouldBe(204);
    }

    [Fact]
    public async Task Rules_are_replaced_as_a_whole()
    {
        var firewall = Id((await Hetzner("POST", "/firewalls", new { name = "web", rules = new[] { Https } })).ShouldBe(201).Body["firewall"]!);

        (await Hetzner("POST", $"/firewalls/{firewall}/actions/set_rules", new { rules = Array.Empty<object>() })).ShouldBe(201);
        (await Hetzner("GET", $"/firewalls/{firewall}")).Body["firewall"]!["rules"]!.AsArray().ShouldBeEmpty();
        (await Hetzner("POST", $"/firewalls/{firewall}/actions/set_rules", new { })).ShouldRefuse(422, "invalid_input");
    }

    [Theory]
    [InlineData("""{"direction":"in","protocol":"tcp","source_ips":["0.0.0.0/0"]}""", "rules.0.port")]
    [InlineData("""{"direction":"in","protocol":"tcp","port":"0","source_ips":["0.0.0.0/0"]}""", "rules.0.port")]
    [InlineData("""{"direction":"in","protocol":"tcp","port":"90-80","source_ips":["0.0.0.0/0"]}""", "rules.0.port")]
    [InlineData("""{"direction":"in","protocol":"icmp","port":"80","source_ips":["0.0.0.0/0"]}""", "rules.0.port")]
    [InlineData("""{"direction":"in","protocol":"icmp"}""", "rules.0.source_ips")]
    [InlineData("""{"direction":"in","protocol":"icmp","source_ips":["10.0.0.1"]}""", "rules.0.source_ips")]
    [InlineData("""{"direction":"out","protocol":"icmp","source_ips":["0.0.0.0/0"]}""", "rules.0.destination_ips")]
    [InlineData("""{"direction":"up","protocol":"icmp","source_ips":["0.0.0.0/0"]}""", "rules.0.direction")]
    [InlineData("""{"direction":"in","protocol":"sctp","source_ips":["0.0.0.0/0"]}""", "rules.0.protocol")]
    public async Task A_bad_rule_is_named(string rule, string field) =>
        (await Hetzner("POST", "/firewalls", new { name = "web", rules = new[] { JsonNode.Parse(rule) } })).ShouldRefuse(422, "invalid_input")
            .Body["error"]!["details"]!["fields"]![0]!["name"]!.GetValue<string>().ShouldBe(field);

    [Fact]
    public async Task A_name_is_used_once()
    {
        (await Hetzner("POST", "/firewalls", new { name = "web" })).ShouldBe(201);
        (await Hetzner("POST", "/firewalls", new { name = "web" })).ShouldRefuse(409, "uniqueness_error");
    }
}
