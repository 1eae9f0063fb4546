using Wopr.Sandbox.Tests.Support;

namespace Wopr.Sandbox.Tests.Hetzner;

public sealed class VolumeTests : SandboxTest
{
    [Fact]
    public async Task A_volume_is_made_attached_grown_detached_and_deleted()
    {
        var server = Id(await RunningServer("one"));
        var made = (await Hetzner("POST", "/volumes", new { name = "data", size = 10, location = "fsn1", format = "ext4" })).ShouldBe(201).Body["volume"]!;
        var volume = Id(made);
        made["status"]!.GetValue<string>().ShouldBe("creating");
        (await Hetzner("POST", $"/volumes/{volume}/actions/attach", new { server })).ShouldRefuse(423, "locked");

        Advance(1);
        (await Hetzner("POST", $"/volumes/{volume}/actions/attach", new { server })).ShouldBe(201);
        Advance(1);
        (await Hetzner("GET", $"/servers/{server}")).Body["server"]!["volumes"]![0]!.GetValue<long>().ShouldBe(volume);
        (await Hetzner("DELETE", $"/volumes/{volume}")).ShouldRefuse(422, "resource_in_use");
        (await Hetzner("POST", $"/volumes/{volume}/actions/resize", new { size = 10 })).ShouldRefuse(422, "invalid_input");
        (await Hetzner("POST", $"/volumes/{volume}/actions/resize", new { size = 20 })).ShouldBe(201);
        Advance(1);
        (await Hetzner("POST", $"/volumes/{volume}/actions/detach")).ShouldBe(201);
        Advance(1);
        (await Hetzner("DELETE", $"/volumes/{volume}")).ShouldBe(204);
    }

    [Fact]
    public async Task A_volume_outlives_its_server()
    {
        var volume = Id((await Hetzner("POST", "/volumes", new { name = "data", size = 10, location = "fsn1" })).ShouldBe(201).Body["volume"]!);
        Advance(1);
        var server = Id(await RunningServer("one", new { volumes = new[] { volume } }));
        (await Hetzner("GET", $"/volumes/{volume}")).Body["volume"]!["server"]!.GetValue<long>().ShouldBe(server);

        (await Hetzner("DELETE", $"/servers/{server}")).ShouldBe(200);
        Advance(1);
        (await Hetzner("GET", $"/volumes/{volume}")).Body["volume"]!["server"].ShouldBeNull();
    }
}
