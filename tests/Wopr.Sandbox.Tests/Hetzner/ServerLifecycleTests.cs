using Wopr.Sandbox.Tests.Support;

namespace Wopr.Sandbox.Tests.Hetzner;

public sealed class ServerLifecycleTests : SandboxTest
{
    [Fact]
    public async Task A_new_server_has_both_addresses_and_every_action_that_must_be_awaited()
    {
        var body = (await Hetzner("POST", "/servers", Order("one", new { labels = new { job = "j-1" } }))).ShouldBe(201).Body;

        body["server"]!["status"]!.GetValue<string>().ShouldBe("initializing");
        body["server"]!["locked"]!.GetValue<bool>().ShouldBeTrue();
        body["server"]!["public_net"]!["ipv4"]!["ip"]!.GetValue<string>().ShouldStartWith("198.18.");
        body["server"]!["public_net"]!["ipv6"]!["ip"]!.GetValue<string>().ShouldMatch("^2001:db8:.*::/64$");
        body["server"]!["labels"]!["job"]!.GetValue<string>().ShouldBe("j-1");
        body["action"]!["command"]!.GetValue<string>().ShouldBe("create_server");
        body["next_actions"]!.AsArray().Select(action => action!["command"]!.GetValue<string>()).ShouldBe(["start_server"]);
        body["root_password"]!.GetValue<string>().Length.ShouldBe(20);
    }

    [Fact]
    public async Task State_and_progress_follow_the_clock()
    {
        var body = (await Hetzner("POST", "/servers", Order("one"))).ShouldBe(201).Body;
        var (server, create, start) = (Id(body["server"]!), Id(body["action"]!), Id(body["next_actions"]![0]!));

        Advance(0.5);
        (await Progress(create)).ShouldBe(("running", 50));
        (await Progress(start)).ShouldBe(("running", 0));
        (await Status(server)).ShouldBe(("initializing", true));

        Advance(0.75);
        (await Progress(create)).ShouldBe(("success", 100));
        (await Progress(start)).ShouldBe(("running", 50));
        (await Status(server)).ShouldBe(("starting", true));

        Advance(0.25);
        (await Progress(start)).ShouldBe(("success", 100));
        (await Status(server)).ShouldBe(("running", false));
    }

    [Fact]
    public async Task Deleting_right_after_creating_meets_the_lock()
    {
        var server = Id((await Hetzner("POST", "/servers", Order("one"))).ShouldBe(201).Body["server"]!);

        (await Hetzner("DELETE", $"/servers/{server}")).ShouldRefuse(423, "locked");
        (await Hetzner("POST", $"/servers/{server}/actions/poweroff")).ShouldRefuse(423, "locked");

        Advance(2);
        (await Hetzner("DELETE", $"/servers/{server}")).ShouldBe(200);
    }

    [Fact]
    public async Task A_deleted_server_goes_first_and_its_addresses_a_little_later()
    {
        var server = Id(await RunningServer("one"));
        var action = Id((await Hetzner("DELETE", $"/servers/{server}")).ShouldBe(200).Body["action"]!);
        (await Status(server)).ShouldBe(("deleting", true));
        (await Hetzner("DELETE", $"/servers/{server}")).ShouldRefuse(423, "locked");

        Advance(0.3);
        (await Hetzner("GET", $"/servers/{server}")).ShouldRefuse(404, "not_found");
        (await Progress(action)).ShouldBe(("success", 100));
        (await Hetzner("GET", "/primary_ips")).Body["primary_ips"]!.AsArray().Select(ip => (long?)ip!["assignee_id"]).ShouldBe([null, null]);

        Advance(0.2);
        (await Hetzner("GET", "/primary_ips")).Body["primary_ips"]!.AsArray().ShouldBeEmpty();
        (await Hetzner("POST", "/servers", Order("one"))).ShouldBe(201);
    }

    [Fact]
    public async Task Power_goes_off_and_on()
    {
        var server = Id(await RunningServer("one"));

        (await Hetzner("POST", $"/servers/{server}/actions/poweroff")).ShouldBe(201);
        (await Status(server)).ShouldBe(("stopping", true));
        Advance(0.2);
        (await Status(server)).ShouldBe(("off", false));

        (await Hetzner("POST", $"/servers/{server}/actions/poweron")).ShouldBe(201);
        Advance(0.2);
        (await Status(server)).ShouldBe(("running", false));
    }

    [Fact]
    public async Task A_protected_server_stays()
    {
        var server = Id(await RunningServer("one"));
        (await Hetzner("POST", $"/servers/{server}/actions/change_protection", new { delete = true, rebuild = true })).ShouldBe(201);
        Advance(0.2);

        (await Hetzner("DELETE", $"/servers/{server}")).ShouldRefuse(423, "protected");
        (await Hetzner("POST", $"/servers/{server}/actions/rebuild", new { image = "debian-12" })).ShouldRefuse(423, "protected");
    }

    [Fact]
    public async Task A_server_that_is_not_to_be_started_ends_off()
    {
        var body = (await Hetzner("POST", "/servers", Order("one", new { start_after_create = false }))).ShouldBe(201).Body;
        body["next_actions"]!.AsArray().ShouldBeEmpty();

        Advance(1);
        (await Status(Id(body["server"]!))).ShouldBe(("off", false));
    }

    [Fact]
    public async Task A_server_can_be_renamed_and_relabelled()
    {
        var server = Id(await RunningServer("one"));
        await RunningServer("two");

        var changed = (await Hetzner("PUT", $"/servers/{server}", new { name = "uno", labels = new { a = "b" } })).ShouldBe(200).Body["server"]!;
        changed["name"]!.GetValue<string>().ShouldBe("uno");
        changed["labels"]!.ToJsonString().ShouldBe("""{"a":"b"}""");
        (await Hetzner("PUT", $"/servers/{server}", new { name = "two" })).ShouldRefuse(409, "uniqueness_error");
    }

    [Fact]
    public async Task A_type_is_changed_only_while_the_server_is_off()
    {
        var server = Id(await RunningServer("one"));
        (await Hetzner("POST", $"/servers/{server}/actions/change_type", new { server_type = "cx33", upgrade_disk = true })).ShouldRefuse(422, "server_not_stopped");
        (await Hetzner("POST", $"/servers/{server}/actions/poweroff")).ShouldBe(201);
        Advance(0.2);

        (await Hetzner("POST", $"/servers/{server}/actions/change_type", new { server_type = "cax21", upgrade_disk = true })).ShouldRefuse(422, "invalid_server_type");
        (await Hetzner("POST", $"/servers/{server}/actions/change_type", new { server_type = "cx33", upgrade_disk = true })).ShouldBe(201);
        Advance(0.2);
        var now = (await Hetzner("GET", $"/servers/{server}")).Body["server"]!;
        now["server_type"]!["name"]!.GetValue<string>().ShouldBe("cx33");
        now["primary_disk_size"]!.GetValue<int>().ShouldBe(80);
    }

    [Fact]
    public async Task Projects_do_not_see_each_other()
    {
        var server = Id(await RunningServer("one"));

        (await Hetzner("GET", $"/servers/{server}", token: "other-project")).ShouldRefuse(404, "not_found");
        (await Hetzner("GET", "/servers", token: "other-project")).Body["servers"]!.AsArray().ShouldBeEmpty();
        (await Hetzner("POST", "/servers", Order("one"), token: "other-project")).ShouldBe(201);
    }

    private async Task<(string Status, int Progress)> Progress(long action)
    {
        var body = (await Hetzner("GET", $"/actions?id={action}")).ShouldBe(200).Body["actions"]!.AsArray().Single()!;
        return (body["status"]!.GetValue<string>(), body["progress"]!.GetValue<int>());
    }

    private async Task<(string Status, bool Locked)> Status(long server)
    {
        var body = (await Hetzner("GET", $"/servers/{server}")).ShouldBe(200).Body["server"]!;
        return (body["status"]!.GetValue<string>(), body["locked"]!.GetValue<bool>());
    }
}
