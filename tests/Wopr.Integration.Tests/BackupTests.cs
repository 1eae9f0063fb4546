using Wopr.Integration.Tests.Stack;
using Wopr.Tests.Support;

namespace Wopr.Integration.Tests;

/// <summary>The worst day: the database is gone. What deploy/backup took comes back, and the jobs in flight go on.</summary>
public sealed class BackupTests
{
    [Fact]
    public async Task Jobs_in_flight_go_on_from_a_backup_that_is_restored_into_an_empty_database()
    {
        await using var stack = await WoprStack.StartAsync(pace: "0.3");
        var ready = await stack.OrderAsync("ready");
        await stack.UntilAsync(ready, "completed");
        var flying = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => stack.OrderAsync($"flying-{i}")));
        await stack.UntilAsync(flying[0], "waiting_for_vps", "deploying_wopr");
        var before = await stack.StatusAsync(ready);
        stack.Service!.Kill();

        var file = Path.Combine(stack.DataFolder, "backup.tar");
        Run("backup", file, stack.ConnectionString).ShouldSucceed();
        await using var empty = await TestDatabase.CreateAsync();
        Run("restore", file, empty.ConnectionString).ShouldSucceed();
        await stack.RestartServiceAsync(empty.ConnectionString);

        foreach (var job in flying) (await stack.UntilAsync(job, "completed", "failed")).GetProperty("state").GetString().ShouldBe("completed");
        (await stack.StatusAsync(ready)).ToString().ShouldBe(before.ToString());
        (await stack.Sandbox.ServersAsync()).Select(s => s.GetProperty("labels").GetProperty("wopr-job").GetString()).ShouldBe([ready, .. flying], ignoreOrder: true);

        var again = Run("restore", file, empty.ConnectionString);
        again.ExitCode.ShouldBe(2);
        again.Output.ShouldContain("is not empty");
    }

    [Fact]
    public async Task A_damaged_backup_is_refused_before_anything_is_written()
    {
        await using var database = await TestDatabase.CreateAsync();
        var file = Path.Combine(Directory.CreateTempSubdirectory("wopr-backup-").FullName, "damaged.tar");
        await File.WriteAllBytesAsync(file, new byte[4096]);
        var run = Run("restore", file, database.ConnectionString);
        run.ExitCode.ShouldBe(2);
        run.Output.ShouldContain("is not a backup");
    }

    private static ToolRun Run(string script, string file, string database) =>
        ToolRun.Of(Path.Combine(Repository.Root, "deploy", script), [file], environment: new Dictionary<string, string>
        {
            ["WOPR_DATABASE"] = database,
            ["WOPR_DATA"] = Directory.CreateTempSubdirectory("wopr-restore-").FullName,
        });
}
