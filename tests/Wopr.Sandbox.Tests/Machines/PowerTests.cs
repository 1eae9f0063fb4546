using Wopr.Sandbox.Tests.Support;

namespace Wopr.Sandbox.Tests.Machines;

public sealed class PowerTests : SandboxTest
{
    [Fact]
    public async Task A_machine_follows_its_server()
    {
        var server = await RunningServer("one", new { user_data = "#cloud-config\nhello" });
        var id = Id(server);
        await Machines.ShouldBecome($"start {id}");
        Machines.Started[id].UserData.ShouldBe("#cloud-config\nhello");
        Machines.Started[id].Ipv4.ShouldBe(server["public_net"]!["ipv4"]!["ip"]!.GetValue<string>());
        Machines.Started[id].Ipv6.ShouldEndWith("::1");

        (await Hetzner("POST", $"/servers/{id}/actions/reboot")).ShouldBe(201);
        Advance(1);
        await Machines.ShouldBecome($"start {id}", $"stop {id}", $"start {id}");

        (await Hetzner("DELETE", $"/servers/{id}")).ShouldBe(200);
        await Machines.ShouldBecome($"start {id}", $"stop {id}", $"start {id}", $"stop {id}");
        Advance(1);
        await Machines.ShouldBecome($"start {id}", $"stop {id}", $"start {id}", $"stop {id}", $"destroy {id}");
    }

    [Fact]
    public async Task A_rebuilt_machine_has_a_new_disk()
    {
        var id = Id(await RunningServer("one"));
        await Machines.ShouldBecome($"start {id}");

        (await Hetzner("POST", $"/servers/{id}/actions/rebuild", new { image = "debian-12", user_data = "#cloud-config\nagain" })).ShouldBe(201);
        Advance(1);
        await Machines.ShouldBecome($"start {id}", $"destroy {id}", $"start {id}");
        Machines.Started[id].UserData.ShouldBe("#cloud-config\nagain");
    }

    [Fact]
    public async Task A_boot_can_be_slow_or_never_come()
    {
        await Misbehave(new { kind = "no_boot", times = 1 });
        await RunningServer("dead");
        await Misbehave(new { kind = "slow_boot", ms = 5000, times = 1 });
        var slow = Id(await RunningServer("slow"));
        var normal = Id(await RunningServer("normal"));
        await Machines.ShouldBecome($"start {normal}");

        Advance(5);
        await Machines.ShouldBecome($"start {normal}", $"start {slow}");
        (await Hetzner("GET", "/servers?status=running")).Body["servers"]!.AsArray().Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_reset_of_the_sandbox_takes_everything_with_it()
    {
        var id = Id(await RunningServer("one"));
        await Machines.ShouldBecome($"start {id}");
        (await Dns("POST", "", new { type = "A", name = "a", content = "198.18.0.1" })).ShouldBe(200);

        await Admin("POST", "/reset");
        await Machines.ShouldBecome($"start {id}", $"destroy {id}");
        (await Hetzner("GET", "/servers")).Body["servers"]!.AsArray().ShouldBeEmpty();
        (await Dns("GET")).Body["result"]!.AsArray().Count.ShouldBe(2);
        await RestartAsync();
        (await Hetzner("GET", "/primary_ips")).Body["primary_ips"]!.AsArray().ShouldBeEmpty();
    }
}
