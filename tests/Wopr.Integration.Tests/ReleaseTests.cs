using System.Text.RegularExpressions;
using Wopr.Integration.Tests.Stack;
using Wopr.Tests.Support;

namespace Wopr.Integration.Tests;

/// <summary>What deploy/publish makes runs without the checkout, under the units and settings that come with it.</summary>
public sealed partial class ReleaseTests : IDisposable
{
    private static readonly string Production = Repository.PathOf("deploy", "production");
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("wopr-release-");

    /// <summary>The portable one; the other takes minutes to compile, and deploy/bench starts it.</summary>
    [Fact]
    public async Task A_release_serves_customers_and_checks_its_settings()
    {
        var release = Path.Combine(folder.FullName, "release");
        ToolRun.Of(Repository.PathOf("deploy", "publish"), ["--portable", release], limit: TimeSpan.FromMinutes(12)).ShouldSucceed();
        ToolRun.Of(Repository.PathOf("deploy", "publish"), [release]).ShouldEnd(2, "is not empty");

        await using var stack = await WoprStack.StartCloudsOnlyAsync();
        var node = (await stack.StartNodesAsync(1, Path.Combine(release, "service", "Wopr.Orchestrator"))).Single();
        (await node.Http.GetStringAsync("/")).ShouldContain("WOPR");
        (await node.Http.GetStringAsync("/support/HETZ-005")).ShouldContain("HETZ-005");
        (await node.Http.GetByteArrayAsync("/api/installer/latest.tar.gz")).Length.ShouldBeGreaterThan(1000);

        Check(release, Filled()).ShouldEnd(0, "the configuration is well");
        Check(release, Example()).ShouldEnd(1, "CONFIG-001");

        await node.StopAsync();
        await APartThatFailsIsToldByTheStatusAsync(stack, release);
    }

    private static async Task APartThatFailsIsToldByTheStatusAsync(WoprStack stack, string release)
    {
        var catalogue = Path.Combine(release, "service", "house", "TROUBLESHOOTING.md");
        File.WriteAllText(catalogue, FirstPattern().Replace(File.ReadAllText(catalogue), "- regex `(", 1));
        stack.LaunchService(Path.Combine(release, "service", "Wopr.Orchestrator"));
        await Patience.UntilAsync(() => stack.Service!.HasExited, () => "it goes on");
        stack.Service!.ExitCode.ShouldBe(3, stack.Service.Output);
        stack.Service.Output.ShouldContain("is no pattern");
    }

    [ToolFact("systemd-analyze")]
    public void Systemd_finds_nothing_wrong_with_the_unit_and_little_that_it_may()
    {
        var unit = Path.Combine(folder.FullName, "wopr.service");
        File.WriteAllText(unit, ExecStart().Replace(File.ReadAllText(Path.Combine(Production, "wopr.service")), "ExecStart=/bin/true"));
        var run = ToolRun.Of("systemd-analyze", ["verify", "--man=no", unit]);
        run.ShouldSucceed();
        run.Output.ShouldNotContain(unit);
        ToolRun.Of("systemd-analyze", ["security", "--offline=true", "--threshold=20", "--no-pager", unit]).ShouldSucceed();
    }

    [ToolFact("caddy")]
    public void Caddy_takes_the_proxys_configuration() =>
        ToolRun.Of("caddy", ["validate", "--adapter", "caddyfile", "--config", Path.Combine(Production, "Caddyfile")],
            environment: new Dictionary<string, string> { ["WOPR_HOST"] = "wopr.example.com", ["HOME"] = folder.FullName }).ShouldSucceed();

    [Fact]
    public void Every_setting_of_the_example_is_explained()
    {
        var explained = File.ReadAllText(Repository.PathOf("README.md"));
        foreach (var name in Example().Keys) explained.ShouldContain($"`{name}`");
    }

    public void Dispose() => folder.Delete(recursive: true);

    [GeneratedRegex("^- regex `", RegexOptions.Multiline)]
    private static partial Regex FirstPattern();

    private static ToolRun Check(string release, Dictionary<string, string> settings) =>
        ToolRun.Of(Path.Combine(release, "wopr"), ["config", "check"], environment: settings);

    private static Dictionary<string, string> Example() => File.ReadLines(Path.Combine(Production, "wopr.env"))
        .Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);

    private static Dictionary<string, string> Filled() => new(Example(), StringComparer.Ordinal)
    {
        ["WOPR_PUBLIC_URL"] = "https://wopr.example.com",
        ["WOPR_DATABASE"] = "Host=/run/postgresql;Database=wopr;Username=wopr",
        ["HCLOUD_TOKEN"] = new string('h', 64),
        ["CLOUDFLARE_API_TOKEN"] = new string('c', 40),
        ["WOPR_ZONE"] = "beacons.example.com",
        ["WOPR_SSH_PUBLIC_KEY"] = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEy wopr",
        ["STRIPE_SECRET_KEY"] = "sk_live_" + new string('s', 24),
        ["STRIPE_WEBHOOK_SECRETS"] = "whsec_" + new string('w', 24),
        ["WOPR_OPERATOR_KEY"] = new string('o', 40),
        ["WOPR_SMTP_URL"] = "smtps://wopr:secret@mail.example.com:587",
        ["WOPR_MAIL_FROM"] = "wopr@example.com",
    };

    [GeneratedRegex("^ExecStart=.*$", RegexOptions.Multiline)]
    private static partial Regex ExecStart();
}
