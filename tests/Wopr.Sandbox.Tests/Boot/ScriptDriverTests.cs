using System.Globalization;
using Wopr.Tests.Support;

namespace Wopr.Sandbox.Tests.Boot;

public sealed class ScriptDriverTests : IDisposable
{
    private readonly TestMachines _room = new();

    public void Dispose() => _room.Dispose();

    [ToolFact("bash", "setpriv", "setsid")]
    public async Task Files_are_written_and_commands_run_below_the_machines_root()
    {
        _room.Start(1, """
            #cloud-config
            write_files:
              - path: /etc/demo/secret
                permissions: '0600'
                content: "it's a \"secret\"\n"
              - path: /opt/demo.sh
                permissions: '0755'
                content: |
                  #!/bin/bash
                  echo "$WOPR_ROOT $1"; cat "$WOPR_ROOT/etc/demo/secret" >"$WOPR_ROOT/etc/demo/copy"
            runcmd:
              - [/opt/demo.sh, /etc/not-there]
              - [test, -f, /etc/demo/copy]
            """);
        (await _room.EndAsync(1)).ShouldBe(0, _room.Console(1));
        _room.Console(1).ShouldBe($"{_room.PathOf(1, "").TrimEnd('/')} /etc/not-there\n");
        File.ReadAllText(_room.PathOf(1, "/etc/demo/copy")).ShouldBe("it's a \"secret\"\n");
        File.GetUnixFileMode(_room.PathOf(1, "/etc/demo/secret")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [ToolFact("bash", "setpriv", "setsid")]
    public async Task Nothing_runs_with_privileges_or_with_the_sandboxs_environment()
    {
        Environment.SetEnvironmentVariable("WOPR_TEST_SECRET", "do not leak");
        _room.Start(1, "#cloud-config\nruncmd:\n  - id -u; id -G; env; sudo -n true 2>/dev/null && echo sudo worked\n");
        await _room.EndAsync(1);
        var said = _room.Console(1).Split('\n');
        said[0].ShouldNotBe("0");
        said[1].Split(' ').ShouldNotContain("0");
        _room.Console(1).ShouldNotContain("do not leak");
        _room.Console(1).ShouldNotContain("sudo worked");
    }

    [ToolFact("bash", "setpriv", "setsid")]
    public async Task A_finished_boot_is_not_run_again()
    {
        _room.Start(1, "#cloud-config\nruncmd:\n  - echo booting\n");
        await _room.EndAsync(1);
        _room.PowerUp();
        _room.Start(1, "#cloud-config\nruncmd:\n  - echo again\n");
        _room.Start(1, "#cloud-config\nruncmd:\n  - echo again\n");
        _room.Console(1).ShouldBe("booting\n");
    }

    [ToolFact("bash", "setpriv", "setsid")]
    public async Task A_boot_that_was_cut_off_is_run_again()
    {
        const string UserData = "#cloud-config\nruncmd:\n  - 'echo booting; if [ -e \"$WOPR_ROOT/twice\" ]; then exit 0; fi; touch \"$WOPR_ROOT/twice\"; sleep 600'\n";
        _room.Start(1, UserData);
        await Patience.UntilAsync(() => File.Exists(_room.PathOf(1, "twice")), () => _room.Console(1));
        _room.PowerUp();
        _room.Start(1, UserData);
        (await _room.EndAsync(1)).ShouldBe(0);
        _room.Console(1).ShouldBe("booting\nbooting\n");
    }

    [ToolTheory("bash", "setpriv", "setsid")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Power_off_ends_every_process_of_the_machine(bool destroy)
    {
        _room.Start(1, "#cloud-config\nruncmd:\n  - 'sleep 601 & echo $! >\"$WOPR_ROOT/one\"; (sleep 602 & echo $! >\"$WOPR_ROOT/two\"; wait)'\n");
        await Patience.UntilAsync(() => Pid("one") > 0 && Pid("two") > 0, () => _room.Console(1));
        int[] pids = [Pid("one"), Pid("two")];
        if (destroy) _room.Driver.Destroy(1);
        else _room.Driver.Stop(1);
        await Patience.UntilAsync(() => pids.All(IsGone), () => "a process outlived its machine");
        Directory.Exists(_room.PathOf(1, "")).ShouldBe(!destroy);
    }

    [ToolFact("bash", "setpriv", "setsid")]
    public async Task A_failed_boot_is_over_and_keeps_its_status()
    {
        _room.Start(1, "#cloud-config\nruncmd:\n  - [bash, -c, exit 3]\n  - echo the next one runs\n");
        (await _room.EndAsync(1)).ShouldBe(3);
        _room.Console(1).ShouldBe("the next one runs\n");
    }

    [ToolFact("bash", "setpriv", "setsid")]
    public async Task Stand_ins_refuse_what_the_real_ones_refuse()
    {
        _room.Start(1, """
            #cloud-config
            write_files:
              - path: /etc/containers/systemd/wopr-a.container
                content: |
                  [Unit]
                  Requires=wopr-nosuch.service
                  [Container]
                  ContainerName=wopr-a
                  Image=docker.io/library/a:1.2
            runcmd:
              - systemctl daemon-reload
              - systemctl start wopr-unknown.service; echo "status $?"
              - systemctl start wopr-a.service; echo "status $?"
              - systemctl is-active wopr-a.service; echo "status $?"
              - podman exec wopr-a true; echo "status $?"
              - podman frobnicate; echo "status $?"
            """);
        await _room.EndAsync(1);
        _room.Console(1).ShouldBe("""
            Failed to start wopr-unknown.service: Unit wopr-unknown.service not found.
            status 5
            Failed to start wopr-nosuch.service: Unit wopr-nosuch.service not found.
            A dependency job for wopr-a.service failed. See 'journalctl -xe' for details.
            status 1
            inactive
            status 3
            Error: no container with name or ID "wopr-a" found: no such container
            status 125
            podman: this stand-in does not know: frobnicate
            status 125

            """);
    }

    [ToolFact("bash", "setpriv", "setsid")]
    public async Task The_gate_does_not_follow_a_machines_links()
    {
        _room.Start(1, """
            #cloud-config
            write_files:
              - path: /etc/wopr/Caddyfile
                content: |

                  alice.example.org {
                    root * /srv/wopr
                  }
              - path: /var/lib/wopr/public/index.html
                content: home
              - path: /var/lib/standins/active/wopr-caddy.service
                content: ""
            runcmd:
              - ln -s /etc/passwd "$WOPR_ROOT/var/lib/wopr/public/passwd"; ln -s / "$WOPR_ROOT/var/lib/wopr/public/all"
            """);
        await _room.EndAsync(1);
        _room.Driver.Answer(1, "alice.example.org", "/")!.Body.ShouldBe("home");
        foreach (var path in new[] { "/passwd", "/all/etc/passwd", "/../../../etc/passwd", "/..%2f" })
            _room.Driver.Answer(1, "alice.example.org", path)!.Status.ShouldBe(404, path);
    }

    private int Pid(string file) =>
        File.Exists(_room.PathOf(1, file)) && int.TryParse(File.ReadAllText(_room.PathOf(1, file)), CultureInfo.InvariantCulture, out var pid) ? pid : 0;

    /// <summary>Gone, or dead and waiting for an init that this container may not have.</summary>
    private static bool IsGone(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/stat").Split(") ")[1].StartsWith('Z');
        }
        catch (IOException)
        {
            return true;
        }
    }
}
