using System.Text.Json;
using Wopr.CloudInit;
using Wopr.Tests.Support;
using YamlDotNet.RepresentationModel;

namespace Wopr.Orchestrator.Tests.CloudInit;

public sealed class UserDataTests
{
    [Fact]
    public void Alice() => Snapshot.Match(Beacons.Text(Beacons.Alice()), "yaml");

    [Fact]
    public void The_same_plan_gives_the_same_bytes() => Beacons.Text(Beacons.Alice()).ShouldBe(Beacons.Text(Beacons.Alice()));

    [Fact]
    public void It_is_ascii_with_lf_and_well_below_the_limit()
    {
        var text = Beacons.Text(Beacons.Alice());
        text.ShouldStartWith("#cloud-config\n");
        text.ShouldAllBe(c => c == '\n' || (c >= ' ' && c <= '~'));
        text.Length.ShouldBeLessThan(24 * 1024);
    }

    [Fact]
    public void Secret_files_are_for_root_alone()
    {
        var files = Files(Beacons.Text(Beacons.Alice()));
        files["/etc/wopr/bootstrap.json"].Permissions.ShouldBe("0600");
        files["/etc/wopr/bootstrap.env"].Permissions.ShouldBe("0600");
        files.Where(file => file.Value.Content.Contains(Beacons.Token, StringComparison.Ordinal)).Select(file => file.Key)
            .ShouldBe(["/etc/wopr/bootstrap.json", "/etc/wopr/bootstrap.env"]);
    }

    [Fact]
    public void Scripts_arrive_as_they_were_written()
    {
        var files = Files(Beacons.Text(Beacons.Alice()));
        foreach (var script in new[] { "callback.sh", "bootstrap.sh" })
            files[$"/opt/wopr/{script}"].Content.TrimEnd('\n').ShouldBe(File.ReadAllText(Repository.PathOf("templates", "cloud-init", script)).TrimEnd('\n'));
    }

    [Fact]
    public void Bootstrap_json_says_what_the_plan_says()
    {
        var plan = Beacons.Alice();
        using var json = JsonDocument.Parse(Files(Beacons.Text(plan))["/etc/wopr/bootstrap.json"].Content);
        json.RootElement.GetProperty("job_id").GetString().ShouldBe(plan.Job.ToString());
        json.RootElement.GetProperty("callback_token").GetString().ShouldBe(plan.CallbackToken);
        json.RootElement.GetProperty("callback_url").GetString().ShouldBe(plan.CallbackUrl.AbsoluteUri);
        json.RootElement.GetProperty("modules").EnumerateArray().Select(m => m.GetString()).ShouldBe(plan.Modules.Select(m => m.Value));
    }

    [ToolFact("cloud-init")]
    public void The_real_cloud_init_finds_nothing_wrong()
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, Beacons.Text(Beacons.Alice()));
            var run = ToolRun.Of("cloud-init", ["schema", "--config-file", path]);
            run.ShouldSucceed();
            run.Output.ShouldContain("Valid");
        }
        finally
        {
            File.Delete(path);
        }
    }

    [ToolFact("bash", "shellcheck")]
    public void Shellcheck_finds_nothing_wrong_in_its_scripts()
    {
        foreach (var (path, file) in Files(Beacons.Text(Beacons.Alice())).Where(file => file.Value.Content.StartsWith("#!", StringComparison.Ordinal)))
            ToolRun.Of("shellcheck", ["--external-sources", "-"], file.Content).ShouldSucceed();
    }

    [Fact]
    public void A_plan_prints_neither_token_nor_email()
    {
        Beacons.Alice().ToString().ShouldNotContain(Beacons.Token);
        Beacons.Alice().ToString().ShouldNotContain("alice@");
        new UserData(Beacons.Text(Beacons.Alice())).ToString().ShouldNotContain(Beacons.Token);
    }

    internal static Dictionary<string, (string Content, string Permissions)> Files(string userData)
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(userData));
        var files = (YamlSequenceNode)((YamlMappingNode)yaml.Documents[0].RootNode)["write_files"];
        return files.ToDictionary(f => f["path"].ToString(), f => (f["content"].ToString(), f["permissions"].ToString()), StringComparer.Ordinal);
    }
}
