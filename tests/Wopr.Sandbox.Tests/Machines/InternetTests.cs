using Wopr.Sandbox.Boot;
using Wopr.Sandbox.Tests.Support;

namespace Wopr.Sandbox.Tests.Machines;

public sealed class InternetTests : SandboxTest
{
    [Fact]
    public async Task A_host_leads_to_the_machine_that_holds_its_address()
    {
        var one = await RunningServer("one");
        var two = await RunningServer("two");
        await Point("A", "one", Address(one));
        await Point("A", "*.one", Address(one));
        await Point("A", "two.one", Address(two));
        await Point("CNAME", "alias", "two.one.beacons.test");
        await Point("TXT", "text.one", "hides the wildcard");

        Resolve("one.beacons.test").ShouldBe(Id(one));
        Resolve("ONE.beacons.test.").ShouldBe(Id(one));
        Resolve("any.one.beacons.test").ShouldBe(Id(one));
        Resolve("deep.any.one.beacons.test").ShouldBe(Id(one));
        Resolve("two.one.beacons.test").ShouldBe(Id(two));
        Resolve("alias.beacons.test").ShouldBe(Id(two));
        Resolve("text.one.beacons.test").ShouldBeNull();
        Resolve("other.beacons.test").ShouldBeNull();
        Resolve("one.example.com").ShouldBeNull();
    }

    [Fact]
    public async Task A_machine_without_power_does_not_answer()
    {
        var server = await RunningServer("one");
        await Point("A", "one", Address(server));
        (await Hetzner("POST", $"/servers/{Id(server)}/actions/poweroff")).ShouldBe(201);

        Resolve("one.beacons.test").ShouldBeNull();
    }

    [Fact]
    public async Task A_loop_of_aliases_leads_nowhere()
    {
        await Point("CNAME", "a", "b.beacons.test");
        await Point("CNAME", "b", "a.beacons.test");

        Resolve("a.beacons.test").ShouldBeNull();
    }

    private long? Resolve(string host) => Service<IInternet>().Resolve(host)?.ServerId;

    private async Task Point(string type, string name, string content) => (await Dns("POST", "", new { type, name, content })).ShouldBe(200);

    private static string Address(System.Text.Json.Nodes.JsonNode server) => server["public_net"]!["ipv4"]!["ip"]!.GetValue<string>();
}
