using Wopr.Tests.Support;

namespace Wopr.Integration.Tests.Boot;

/// <summary>User-data that reached a server damaged, or that names what is not there: the beacon says so with the code.</summary>
public sealed class DamagedBeaconTests
{
    private const string Plan = "WOPR_MODULES='postgresql redis caddy authentik nextcloud";

    [ToolTheory("bash", "setpriv", "setsid", "curl", "flock")]
    [InlineData("path: /opt/wopr/bootstrap.sh", "path: /opt/wopr/elsewhere.sh", "CLOUDINIT-003", null, "/opt/wopr/bootstrap.sh is missing")]
    [InlineData("path: /etc/wopr/bootstrap.json", "path: /etc/wopr/elsewhere.json", "CLOUDINIT-003", null, "/etc/wopr/bootstrap.json is missing")]
    [InlineData(Plan, "WOPR_MODULES='postgresql redis caddy authentik nosuchmodule nextcloud", "INSTALLER-002", "nosuchmodule", "the installer has no module 'nosuchmodule'")]
    [InlineData(Plan, "WOPR_MODULES='authentik caddy postgresql redis nextcloud", "INSTALLER-003", "authentik", "'authentik' needs 'postgresql'")]
    public async Task What_is_damaged_on_the_way_is_named_with_its_code(string right, string wrong, string code, string? module, string words)
    {
        await using var beacon = await BootedBeacon.PrepareAsync();
        beacon.Damage(right, wrong);
        beacon.Start();
        await beacon.EndAsync();

        var last = beacon.Service.Callbacks.LastOrDefault().ShouldNotBeNull(beacon.Logs());
        (last.Stage, last.Error, last.Module).ShouldBe(("error", code, module), beacon.Logs());
        last.Message.ShouldNotBeNull().ShouldContain(words);
        beacon.Get(BootedBeacon.Host).ShouldBeNull("nothing of a beacon that cannot be whole is started");
    }
}
