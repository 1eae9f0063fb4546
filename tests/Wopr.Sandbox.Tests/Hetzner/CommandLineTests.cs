using System.Diagnostics;
using Wopr.Sandbox.Tests.Support;
using Wopr.Sandbox.Wire;
using Wopr.Tests.Support;

namespace Wopr.Sandbox.Tests.Hetzner;

/// <summary>The provider's own command line, pointed at the emulator, with a clock that runs.</summary>
public sealed class CommandLineTests : SandboxTest
{
    protected override SandboxSettings Settings() => base.Settings() with { Pace = 0 };

    [ToolFact("hcloud", "ssh-keygen")]
    public async Task It_creates_lists_describes_changes_and_deletes()
    {
        var key = Path.Combine(Folder, "key");
        await RunAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key);
        await HcloudAsync("ssh-key", "create", "--name", "k", "--public-key-from-file", key + ".pub");
        await HcloudAsync("firewall", "create", "--name", "fw");
        await HcloudAsync("server", "create", "--name", "one", "--type", "cx23", "--image", "debian-13", "--location", "fsn1", "--ssh-key", "k", "--firewall", "fw", "--label", "a=b");
        (await HcloudAsync("server", "list", "-l", "a=b", "-o", "noheader", "-o", "columns=name,status")).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
            .ShouldBe(["one", "running"]);
        (await HcloudAsync("server", "describe", "one")).ShouldContain("debian-13");
        await HcloudAsync("volume", "create", "--name", "v", "--size", "10", "--server", "one");
        foreach (var verb in new[] { "poweroff", "poweron", "reboot", "shutdown" })
        {
            await HcloudAsync("server", verb, "one");
        }

        await HcloudAsync("server", "change-type", "one", "cx33");
        await HcloudAsync("server", "rebuild", "one", "--image", "debian-12");
        await HcloudAsync("server", "metrics", "--type", "cpu", "one");
        await HcloudAsync("server", "update", "one", "--name", "uno");
        (await HcloudAsync("primary-ip", "list")).ShouldContain("uno");
        await HcloudAsync("volume", "detach", "v");
        await HcloudAsync("volume", "delete", "v");
        await HcloudAsync("server", "delete", "uno");
        await HcloudAsync("firewall", "delete", "fw");
        await HcloudAsync("ssh-key", "delete", "k");
        (await HcloudAsync("server", "list", "-o", "noheader")).ShouldBeEmpty();
    }

    private Task<string> HcloudAsync(params string[] arguments) => RunAsync("hcloud", ["--poll-interval", "10ms", .. arguments]);

    private async Task<string> RunAsync(string tool, params string[] arguments)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var start = new ProcessStartInfo(tool, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            Environment =
            {
                ["HCLOUD_TOKEN"] = HetznerToken,
                ["HCLOUD_ENDPOINT"] = new Uri(AddressOf(Face.Hetzner), "v1").ToString(),
                ["HOME"] = Folder,
            },
        };
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(patience.Token), process.StandardError.ReadToEndAsync(patience.Token));
        await process.WaitForExitAsync(patience.Token);
        process.ExitCode.ShouldBe(0, $"{tool} {string.Join(' ', arguments)}: {await errors}");
        return (await output).Trim();
    }
}
