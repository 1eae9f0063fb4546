using Wopr.Sandbox.Tests.Support;

namespace Wopr.Sandbox.Tests.Hetzner;

public sealed class PrimaryIpTests : SandboxTest
{
    [Fact]
    public async Task An_address_can_be_kept_for_a_server_and_outlives_it()
    {
        var ip = Id((await Hetzner("POST", "/primary_ips", new { name = "kept", type = "ipv4", location = "fsn1" })).ShouldBe(201).Body["primary_ip"]!);
        var server = await RunningServer("one", new { public_net = new { enable_ipv4 = true, enable_ipv6 = false, ipv4 = ip } });
        Id(server["public_net"]!["ipv4"]!).ShouldBe(ip);
        server["public_net"]!["ipv6"].ShouldBeNull();

        (await Hetzner("DELETE", $"/primary_ips/{ip}")).ShouldRefuse(422, "must_be_unassigned");
        (await Hetzner("DELETE", $"/servers/{Id(server)}")).ShouldBe(200);
        Advance(1);
        (await Hetzner("GET", $"/primary_ips/{ip}")).ShouldBe(200).Body["primary_ip"]!["assignee_id"].ShouldBeNull();
        (await Hetzner("DELETE", $"/primary_ips/{ip}")).ShouldBe(204);
    }

    [Fact]
    public async Task An_address_moves_only_between_stopped_servers()
    {
        var server = await RunningServer("one");
        var ip = Id(server["public_net"]!["ipv4"]!);
        (await Hetzner("POST", $"/primary_ips/{ip}/actions/unassign")).ShouldRefuse(422, "server_not_stopped");
        (await Hetzner("POST", $"/servers/{Id(server)}/actions/poweroff")).ShouldBe(201);
        Advance(0.2);

        (await Hetzner("POST", $"/primary_ips/{ip}/actions/unassign")).ShouldBe(201);
        Advance(0.2);
        (await Hetzner("GET", $"/servers/{Id(server)}")).Body["server"]!["public_net"]!["ipv4"].ShouldBeNull();

        var assign = new { assignee_type = "server", assignee_id = Id(server) };
        (await Hetzner("POST", $"/primary_ips/{ip}/actions/assign", assign)).ShouldBe(201);
        (await Hetzner("POST", $"/primary_ips/{ip}/actions/assign", assign)).ShouldRefuse(422, "primary_ip_already_assigned");
    }

    [Fact]
    public async Task A_wrong_address_is_refused_at_creation()
    {
        var v6 = Id((await Hetzner("POST", "/primary_ips", new { name = "six", type = "ipv6", location = "fsn1" })).ShouldBe(201).Body["primary_ip"]!);
        var far = Id((await Hetzner("POST", "/primary_ips", new { name = "far", type = "ipv4", location = "hel1" })).ShouldBe(201).Body["primary_ip"]!);

        (await Hetzner("POST", "/servers", Order("one", new { public_net = new { ipv4 = v6 } }))).ShouldRefuse(412, "primary_ip_version_mismatch");
        (await Hetzner("POST", "/servers", Order("one", new { public_net = new { ipv4 = far } }))).ShouldRefuse(422, "primary_ip_datacenter_mismatch");
    }

    [Fact]
    public async Task Reverse_names_are_set_and_taken_back()
    {
        var server = await RunningServer("one");
        var address = server["public_net"]!["ipv4"]!["ip"]!.GetValue<string>();
        (await Hetzner("POST", $"/servers/{Id(server)}/actions/change_dns_ptr", new { ip = address, dns_ptr = "one.beacons.test" })).ShouldBe(201);
        (await Pointer(server)).ShouldBe("one.beacons.test");

        (await Hetzner("POST", $"/primary_ips/{Id(server["public_net"]!["ipv4"]!)}/actions/change_dns_ptr", new { ip = address, dns_ptr = (string?)null })).ShouldBe(201);
        (await Pointer(server)).ShouldStartWith("static.");
    }

    [Fact]
    public async Task Auto_delete_can_be_taken_back()
    {
        var server = await RunningServer("one");
        var ip = Id(server["public_net"]!["ipv4"]!);
        (await Hetzner("PUT", $"/primary_ips/{ip}", new { auto_delete = false, name = "mine" })).ShouldBe(200);
        (await Hetzner("DELETE", $"/servers/{Id(server)}")).ShouldBe(200);
        Advance(5);

        (await Hetzner("GET", "/primary_ips")).Body["primary_ips"]!.AsArray().Select(one => Id(one!)).ShouldBe([ip]);
    }

    private async Task<string> Pointer(System.Text.Json.Nodes.JsonNode server) =>
        (await Hetzner("GET", $"/servers/{Id(server)}")).Body["server"]!["public_net"]!["ipv4"]!["dns_ptr"]!.GetValue<string>();
}
