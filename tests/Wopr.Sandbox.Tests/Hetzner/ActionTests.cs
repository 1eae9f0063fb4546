using Wopr.Sandbox.Tests.Support;

namespace Wopr.Sandbox.Tests.Hetzner;

public sealed class ActionTests : SandboxTest
{
    [Fact]
    public async Task Many_are_asked_for_in_one_call_and_unknown_ids_are_left_out()
    {
        var body = (await Hetzner("POST", "/servers", Order("one"))).ShouldBe(201).Body;
        var (create, start) = (Id(body["action"]!), Id(body["next_actions"]![0]!));

        var found = (await Hetzner("GET", $"/actions?id={start}&id={create}&id=999")).ShouldBe(200).Body["actions"]!.AsArray();
        found.Select(action => Id(action!)).ShouldBe([create, start]);
        create.ShouldBeGreaterThan(int.MaxValue);
        (await Hetzner("GET", "/actions?id=x")).ShouldRefuse(422, "invalid_input");
    }

    [Fact]
    public async Task Each_resource_lists_its_own()
    {
        var one = Id(await RunningServer("one"));
        var two = Id(await RunningServer("two"));
        (await Hetzner("POST", $"/servers/{one}/actions/poweroff")).ShouldBe(201);

        (await Commands($"/servers/{one}/actions")).ShouldBe(["create_server", "start_server", "stop_server"]);
        (await Commands($"/servers/{two}/actions?sort=id:desc")).ShouldBe(["start_server", "create_server"]);
        (await Commands("/servers/actions?status=running")).ShouldBe(["stop_server"]);
        (await Commands("/firewalls/actions")).ShouldBeEmpty();
        (await Hetzner("GET", "/servers/42/actions")).ShouldRefuse(404, "not_found");
    }

    [Fact]
    public async Task One_is_found_under_its_resource_only()
    {
        var one = Id(await RunningServer("one"));
        var two = Id(await RunningServer("two"));
        var action = Id((await Hetzner("GET", $"/servers/{one}/actions")).Body["actions"]![0]!);

        (await Hetzner("GET", $"/servers/{one}/actions/{action}")).ShouldBe(200);
        (await Hetzner("GET", $"/servers/actions/{action}")).ShouldBe(200);
        (await Hetzner("GET", $"/actions/{action}")).ShouldBe(200);
        (await Hetzner("GET", $"/servers/{two}/actions/{action}")).ShouldRefuse(404, "not_found");
        (await Hetzner("GET", $"/volumes/actions/{action}")).ShouldRefuse(404, "not_found");
    }

    private async Task<IEnumerable<string>> Commands(string path) =>
        (await Hetzner("GET", path)).ShouldBe(200).Body["actions"]!.AsArray().Select(action => action!["command"]!.GetValue<string>());
}
