using Wopr.Tests.Support;

namespace Wopr.Orchestrator.Tests.Modules;

/// <summary>What backup.sh and restore.sh ask of Podman and systemd, which are stood in for by scripts that write it down.</summary>
public sealed class BackupTests : IDisposable
{
    private readonly LaidOutBeacon _beacon = new("test", ["ghost", "kimai", "vikunja"]);
    private readonly string _folder = Directory.CreateTempSubdirectory("wopr-backup-").FullName;

    [ToolFact("bash")]
    public void A_module_stands_still_while_its_volumes_and_its_database_are_written()
    {
        Run("backup.sh", "vikunja").ShouldSucceed();
        Calls().ShouldBe(
        [
            "podman pause wopr-vikunja",
            $"podman volume export --output {_folder}/kept/vikunja/wopr-vikunja.tar.part wopr-vikunja",
            "podman exec wopr-postgresql pg_dump --username=postgres --format=custom --dbname=vikunja",
            "podman unpause wopr-vikunja",
        ]);
        Kept().ShouldBe(["vikunja/database", "vikunja/wopr-vikunja.tar"]);
    }

    [ToolFact("bash")]
    public void A_module_goes_on_when_its_backup_fails()
    {
        var run = Run("backup.sh", "ghost", broken: "volume export");
        run.ExitCode.ShouldNotBe(0);
        Calls().First().ShouldBe("podman pause wopr-ghost-mysql wopr-ghost");
        Calls().Last().ShouldBe("podman unpause wopr-ghost-mysql wopr-ghost");
        Kept().ShouldBeEmpty();
    }

    [ToolFact("bash")]
    public void What_was_written_for_every_module_is_put_back()
    {
        Run("backup.sh").ShouldSucceed();
        var kept = Kept();
        kept.ShouldContain("postgresql/postgresql.sql.gz");
        kept.ShouldContain("kimai/database");
        kept.ShouldContain("ghost/wopr-ghost-mysql.tar");

        Run("restore.sh", "kimai").ShouldSucceed();
        var calls = Calls();
        calls.ShouldContain("systemctl stop wopr-kimai.service");
        calls.ShouldContain("podman volume rm --force wopr-kimai-data");
        calls.ShouldContain("systemctl restart wopr-kimai-data-volume.service");
        calls.ShouldContain($"podman volume import wopr-kimai-data {_folder}/kept/kimai/wopr-kimai-data.tar");
        calls.ShouldContain(call => call.StartsWith("podman exec --interactive wopr-mariadb", StringComparison.Ordinal) && call.EndsWith(" mariadb", StringComparison.Ordinal));
        calls.Last().ShouldStartWith("systemctl start ");
        calls.ShouldAllBe(call => !call.Contains(LaidOutBeacon.SecretOf("mariadb_root"), StringComparison.Ordinal));
    }

    [ToolFact("bash")]
    public void A_module_that_is_not_on_the_beacon_is_refused()
    {
        var run = Run("backup.sh", "nextcloud");
        run.ExitCode.ShouldNotBe(0);
        run.Output.ShouldContain("there is no module 'nextcloud' on this beacon");
    }

    public void Dispose()
    {
        _beacon.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private ToolRun Run(string script, string? module = null, string broken = "nothing")
    {
        var bin = Directory.CreateDirectory(Path.Combine(_folder, "bin")).FullName;
        foreach (var tool in new[] { "podman", "systemctl" })
        {
            var path = Path.Combine(bin, tool);
            File.WriteAllText(path, $$"""
                #!/bin/bash
                echo "{{tool}} $(tr '\n' ' ' <<<"$*" | sed 's/ $//')" >>'{{_folder}}/calls'
                [[ "$*" != *'{{broken}}'* ]] || exit 1
                case "$1 ${2:-}" in
                  'volume export') echo volume >"$4" ;;
                  'exec --interactive') cat >/dev/null; echo dump ;;
                  'exec '*) echo dump ;;
                esac
                """);
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        string[] arguments = [LaidOutBeacon.RunnerPath(script), Path.Combine(_folder, "kept"), .. module is null ? Array.Empty<string>() : [module]];
        return ToolRun.Of("bash", arguments, environment: new Dictionary<string, string>
        {
            ["WOPR_ROOT"] = _beacon.PathOf("").TrimEnd('/'),
            ["PATH"] = $"{bin}:{Environment.GetEnvironmentVariable("PATH")}",
        });
    }

    private List<string> Calls() => [.. File.ReadAllLines(Path.Combine(_folder, "calls"))];

    private List<string> Kept() =>
    [
        .. Directory.EnumerateFiles(Path.Combine(_folder, "kept"), "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Path.Combine(_folder, "kept"), path)).Where(path => !path.EndsWith(".part", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
    ];
}
