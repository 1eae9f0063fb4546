using System.Globalization;
using Wopr.Checkout;
using Wopr.Tests.Support;

namespace Wopr.Orchestrator.Tests.Modules;

/// <summary>What the nightly timer runs: which backups there are afterwards, and what is told of them.</summary>
public sealed class DailyBackupTests : IDisposable
{
    private static readonly string Today = DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
    private readonly LaidOutBeacon _beacon = new("test", ["vikunja"]);
    private readonly string _folder = Directory.CreateTempSubdirectory("wopr-daily-").FullName;

    public DailyBackupTests()
    {
        foreach (var module in _beacon.Plan) File.WriteAllText(_beacon.PathOf($"var/lib/wopr/modules/{module.Id}.stamp"), "");
        Tier(1);
    }

    [ToolFact("bash", "flock")]
    public void Every_module_is_written_and_so_is_what_reads_it()
    {
        Run().ShouldSucceed();
        Days().ShouldBe([Today]);
        File.Exists(_beacon.PathOf($"var/backups/wopr/{Today}/vikunja/wopr-vikunja.tar")).ShouldBeTrue();
        ToolRun.Of("tar", ["-tzf", _beacon.PathOf($"var/backups/wopr/{Today}/settings.tar.gz")]).Output.ShouldContain("./secrets/vikunja_database");
        Told()[1..3].ShouldBe(["true", "1"]);
        File.GetUnixFileMode(_beacon.PathOf($"var/backups/wopr/{Today}")).ShouldBe((UnixFileMode)0b111_000_000);
        // Once more on the same day takes the place of the first.
        Run().ShouldSucceed();
        Days().ShouldBe([Today]);
    }

    [ToolTheory("bash", "flock")]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void As_many_days_are_kept_as_the_tier_promises(int tier)
    {
        Tier(tier);
        var promised = Catalogue.Load().FindTier(tier)!.BackupDays;
        Had(120);
        Run().ShouldSucceed();
        Days().Count.ShouldBe(promised);
        Days().ShouldBeInOrder();
        Days()[^1].ShouldBe(Today);
        Told()[1..3].ShouldBe(["true", $"{promised}"]);
    }

    [ToolFact("bash", "flock")]
    public void The_oldest_give_way_when_the_disk_is_short_of_room()
    {
        Had(5);
        // Three of them have to go until a fifth of the disk is free.
        Run(freeAfter: 3).ShouldSucceed();
        Days().Count.ShouldBe(3);
        Told()[1].ShouldBe("true");
    }

    [ToolFact("bash", "flock")]
    public void One_module_that_fails_is_named_and_keeps_no_other_from_being_written()
    {
        Had(2);
        Run(broken: "pg_dump").ExitCode.ShouldNotBe(0);
        Days().Count.ShouldBe(2);
        Days().ShouldNotContain(Today);
        File.Exists(_beacon.PathOf($"var/backups/wopr/{Today}.incomplete/redis/wopr-redis.tar")).ShouldBeTrue();
        Told()[1..3].ShouldBe(["false", "2"]);
        Told()[3].ShouldStartWith("failed: ");
        Told()[3].ShouldContain("vikunja");
        Run().ShouldSucceed();
        Told()[1..3].ShouldBe(["true", "3"]);
        Directory.Exists(_beacon.PathOf($"var/backups/wopr/{Today}.incomplete")).ShouldBeFalse();
    }

    public void Dispose()
    {
        _beacon.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private void Tier(int tier) => File.AppendAllText(_beacon.PathOf("etc/wopr/bootstrap.env"), $"WOPR_STORAGE_TIER={tier}\n");

    /// <summary>Backups of as many days before today.</summary>
    private void Had(int days)
    {
        for (var day = 1; day <= days; day++)
            Directory.CreateDirectory(_beacon.PathOf($"var/backups/wopr/{DateTime.UtcNow.AddDays(-day).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}/vikunja"));
    }

    private List<string> Days() =>
        [.. Directory.GetDirectories(_beacon.PathOf("var/backups/wopr")).Select(path => Path.GetFileName(path)).Where(name => name.Length == 10).Order(StringComparer.Ordinal)];

    private List<string> Told() => [.. File.ReadAllLines(_beacon.PathOf("var/lib/wopr/agent/backup"))];

    /// <param name="freeAfter">Until so many backups were removed the disk is nearly full.</param>
    private ToolRun Run(string broken = "nothing", int freeAfter = 0)
    {
        var bin = Directory.CreateDirectory(Path.Combine(_folder, "bin")).FullName;
        Write(Path.Combine(bin, "podman"), $$"""
            #!/bin/bash
            [[ "$*" != *'{{broken}}'* ]] || exit 1
            case "$1 ${2:-}" in
              'volume export') echo volume >"$4" ;;
              'exec '*) echo dump ;;
            esac
            """);
        var before = Directory.Exists(_beacon.PathOf("var/backups/wopr")) ? Days().Count : 0;
        Write(Path.Combine(bin, "df"), $$"""
            #!/bin/bash
            left=$(find '{{_beacon.PathOf("var/backups/wopr")}}' -mindepth 1 -maxdepth 1 -name '????-??-??' | wc -l)
            echo '1M-blocks Avail'
            if (({{before}} - left < {{freeAfter}})); then echo '1000 100'; else echo '1000 600'; fi
            """);
        return ToolRun.Of("bash", [LaidOutBeacon.RunnerPath("daily-backup.sh")], environment: new Dictionary<string, string>
        {
            ["WOPR_ROOT"] = _beacon.PathOf("").TrimEnd('/'),
            ["PATH"] = $"{bin}:{Environment.GetEnvironmentVariable("PATH")}",
        });
    }

    private static void Write(string path, string script)
    {
        File.WriteAllText(path, script);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
