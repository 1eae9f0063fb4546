using System.Security.Cryptography;
using System.Text;
using Wopr.Beacons;
using Wopr.Modules;
using Wopr.Sandbox.Tests.Boot;
using Wopr.Tests.Support;

namespace Wopr.Integration.Tests.Boot;

/// <summary>The agent and the runner's second life on a finished beacon, really run, against a service that only listens.</summary>
public sealed class AgentTests : IAsyncLifetime
{
    private BootedBeacon _beacon = null!;

    public async Task InitializeAsync() => _beacon = await BootedBeacon.PrepareAsync(beatSeconds: 1, apps: ["vikunja"]);

    public async Task DisposeAsync() => await _beacon.DisposeAsync();

    private static readonly string[] Vikunja = [.. BootedBeacon.Catalogue.Plan(["vikunja"]).Modules!.Select(m => m.Id.Value)];
    private static readonly string[] Ntfy = [.. BootedBeacon.Catalogue.Plan(["ntfy"]).Modules!.Select(m => m.Id.Value)];

    [ToolFact("bash", "setpriv", "setsid", "curl", "flock")]
    public async Task A_finished_beacon_says_how_it_is_with_a_token_that_it_made_itself()
    {
        Wants(1, Vikunja);
        var heartbeat = await StartAsync(h => h.Plan is { Number: 1, State: PlanState.Applied });
        var token = File.ReadAllText(_beacon.PathOf("/etc/wopr/secrets/wopr_agent"));
        _beacon.Service.Callbacks.Last().Agent.ShouldBe(Convert.ToHexStringLower(SHA256.HashData(Convert.FromHexString(token))));
        _beacon.Service.Callbacks.SkipLast(1).ShouldAllBe(c => c.Agent == null);
        _beacon.Service.Heartbeats.ShouldAllBe(h => h.Token == token);

        heartbeat.InstallerSha256.ShouldBe(_beacon.Installer.Sha256);
        heartbeat.Units.Select(u => u.Module).Distinct().ShouldBe(Vikunja);
        heartbeat.Units.ShouldAllBe(u => u.Runs);
        heartbeat.Disk.ShouldBe(new Room(80000, 76000));
        heartbeat.Certificates.Select(c => c.Host).ShouldBe([BootedBeacon.Host, $"auth.{BootedBeacon.Host}", $"tasks.{BootedBeacon.Host}"], ignoreOrder: true);
        (heartbeat.Backup, heartbeat.FirstBoot).ShouldBe((null, "cloud-init left no status"));

        // A plan that says what is already so is no work, and is not sent twice.
        await HeardAsync(_ => true);
        _beacon.Service.PlansSent.ShouldBe(1);
        File.Exists(_beacon.PathOf("/etc/wopr/plan.env")).ShouldBeFalse();
        File.ReadAllText(_beacon.PathOf("/var/lib/standins/journal/curl")).ShouldNotContain(token);
        Journals().ShouldNotContain(token);
    }

    [ToolFact("bash", "setpriv", "setsid", "curl", "flock")]
    public async Task A_new_plan_adds_and_removes_and_what_goes_leaves_its_data()
    {
        Wants(1, Vikunja);
        await StartAsync(h => h.Plan is { Number: 1, State: PlanState.Applied });
        Wants(2, Ntfy);
        await HeardAsync(h => h.Plan is { Number: 2, State: PlanState.Applied });

        _beacon.Report().Modules.ShouldBe(Ntfy);
        _beacon.Get($"notify.{BootedBeacon.Host}")!.Value.Status.ShouldBe(200);
        _beacon.Get($"tasks.{BootedBeacon.Host}")!.Value.Status.ShouldBe(404);
        File.Exists(_beacon.PathOf("/etc/containers/systemd/wopr-vikunja.container")).ShouldBeFalse();
        File.Exists(_beacon.PathOf("/etc/wopr/modules/vikunja.env")).ShouldBeFalse();
        File.Exists(_beacon.PathOf("/var/lib/standins/active/wopr-vikunja.service")).ShouldBeFalse();
        File.ReadAllText(_beacon.PathOf("/etc/wopr/Caddyfile")).ShouldNotContain("vikunja");
        File.ReadAllText(_beacon.PathOf("/etc/wopr/blueprints/wopr.yaml")).ShouldContain("{model: authentik_core.application, state: absent, identifiers: {slug: vikunja}}");
        File.Exists(_beacon.PathOf("/etc/wopr/secrets/vikunja_database")).ShouldBeTrue();
        Directory.GetFiles(_beacon.PathOf("/var/lib/standins/images")).ShouldAllBe(image => !image.Contains("vikunja", StringComparison.Ordinal));
        var heartbeat = await HeardAsync(_ => true);
        heartbeat.Units.Select(u => u.Module).Distinct().ShouldBe(Ntfy);

        // What comes back finds its secrets.
        var secret = File.ReadAllText(_beacon.PathOf("/etc/wopr/secrets/vikunja_database"));
        Wants(3, Vikunja);
        await HeardAsync(h => h.Plan is { Number: 3, State: PlanState.Applied });
        _beacon.Report().Modules.ShouldBe(Vikunja);
        File.ReadAllText(_beacon.PathOf("/etc/wopr/secrets/vikunja_database")).ShouldBe(secret);
        File.ReadAllText(_beacon.PathOf("/etc/wopr/blueprints/wopr.yaml")).ShouldNotContain("identifiers: {slug: vikunja}}");
        // The job is over: nothing of all this was reported to it.
        _beacon.Service.Callbacks.Last().Stage.ShouldBe("complete");
        _beacon.Service.Callbacks.Count(c => c.Stage == "complete").ShouldBe(1);
    }

    [ToolFact("bash", "setpriv", "setsid", "curl", "flock")]
    public async Task A_newer_installer_takes_over_with_its_images_and_its_agent()
    {
        Wants(1, Vikunja);
        await StartAsync(h => h.Plan is { Number: 1, State: PlanState.Applied });
        using var newer = new NewerInstaller("vikunja");
        _beacon.Service.Installer = newer.Tarball.Bytes;
        Wants(2, Vikunja, newer.Tarball.Sha256);
        var heartbeat = await HeardAsync(h => h.Plan is { Number: 2, State: PlanState.Applied });

        heartbeat.InstallerSha256.ShouldBe(newer.Tarball.Sha256);
        _beacon.Report().InstallerSha256.ShouldBe(newer.Tarball.Sha256);
        File.ReadAllText(_beacon.PathOf("/etc/containers/systemd/wopr-vikunja.container")).ShouldContain($":{NewerInstaller.Tag}\n");
        Directory.GetFiles(_beacon.PathOf("/var/lib/standins/images")).Single(image => image.Contains("vikunja", StringComparison.Ordinal)).ShouldEndWith(NewerInstaller.Tag);
        File.ResolveLinkTarget(_beacon.PathOf("/var/lib/wopr/current"), returnFinalTarget: false)!.FullName.ShouldContain(newer.Tarball.Sha256);
    }

    [ToolFact("bash", "setpriv", "setsid", "curl", "flock", "openssl")]
    public async Task The_link_of_the_first_account_leaves_the_beacon_sealed_for_the_browser_that_asked()
    {
        Wants(1, Vikunja);
        await StartAsync(h => h.Plan is { Number: 1, State: PlanState.Applied });
        using var browser = RSA.Create(2048);
        var key = Convert.ToBase64String(browser.ExportSubjectPublicKeyInfo());

        _beacon.Service.SignInKey = key;
        await Patience.UntilAsync(() => !_beacon.Service.SignIns.IsEmpty, () => $"no link was brought\n{Journals()}", TimeSpan.FromMinutes(1));

        var brought = _beacon.Service.SignIns.ShouldHaveSingleItem();
        brought.GetProperty("key").GetString().ShouldBe(key);
        var link = Encoding.UTF8.GetString(browser.Decrypt(brought.GetProperty("sealed").GetBytesFromBase64(), RSAEncryptionPadding.OaepSHA256));
        link.ShouldBe("/recovery/use-token/standin-30-of-akadmin/");
        // Nowhere on the beacon is it kept.
        Journals().ShouldNotContain("use-token");
        Directory.GetFiles(_beacon.PathOf("/var/lib/wopr/agent")).ShouldAllBe(f => !File.ReadAllText(f).Contains("use-token", StringComparison.Ordinal));
        File.ReadAllText(_beacon.PathOf("/var/lib/standins/journal/curl")).ShouldNotContain("use-token");
    }

    [ToolFact("bash", "setpriv", "setsid", "curl", "flock")]
    public async Task A_plan_that_fails_says_why_and_what_ran_still_runs()
    {
        Wants(1, Vikunja);
        await StartAsync(h => h.Plan is { Number: 1, State: PlanState.Applied });
        _beacon.Machines.Break("module:ntfy");
        Wants(2, [.. Vikunja, "ntfy"]);
        var failed = await HeardAsync(h => h.Plan is { Number: 2, State: PlanState.Failed });
        (failed.Plan.Code, failed.Plan.Module).ShouldBe(("MODULE-003", "ntfy"));
        failed.Plan.Message.ShouldNotBeNull().ShouldContain("Job for wopr-ntfy.service failed");
        _beacon.Get($"tasks.{BootedBeacon.Host}")!.Value.Status.ShouldBe(200);

        _beacon.Machines.Break();
        Wants(3, [.. Vikunja, "ntfy"]);
        await HeardAsync(h => h.Plan is { Number: 3, State: PlanState.Applied });

        // The same plan once more repairs: a network without names is made anew, and all that was on it runs again.
        _beacon.Machines.Break("old-network");
        Wants(4, [.. Vikunja, "ntfy"]);
        var repaired = await HeardAsync(h => h.Plan is { Number: 4, State: PlanState.Applied });
        File.Exists(_beacon.PathOf("/var/lib/standins/renewed-network")).ShouldBeTrue();
        repaired.Units.ShouldAllBe(u => u.Runs);
        _beacon.Get($"tasks.{BootedBeacon.Host}")!.Value.Status.ShouldBe(200);
    }

    [ToolFact("bash", "setpriv", "setsid", "curl", "flock")]
    public async Task Nothing_is_taken_for_a_plan_that_is_none()
    {
        _beacon.Service.Plan = ("""{"number":2,"modules":["caddy'; touch /tmp/owned; '"],"installer_sha256":"0"}""", "\"bad\"");
        await StartAsync(_ => true);
        await HeardAsync(_ => true);
        File.Exists(_beacon.PathOf("/var/lib/wopr/agent/wanted.env")).ShouldBeFalse();
        Journals().ShouldContain("the plan is not understood");
    }

    private void Wants(int number, string[] modules, string? installer = null) =>
        _beacon.Service.Plan = ($$"""{"number":{{number}},"modules":["{{string.Join("\",\"", modules)}}"],"installer_sha256":"{{installer ?? _beacon.Installer.Sha256}}"}""", $"\"plan-{number}\"");

    private async Task<Heartbeat> StartAsync(Func<Heartbeat, bool> isThere)
    {
        _beacon.Start();
        (await _beacon.EndAsync()).ShouldBe(0, _beacon.Logs());
        return await HeardAsync(isThere);
    }

    /// <summary>Waits for a heartbeat from now on, read as the service reads it.</summary>
    private async Task<Heartbeat> HeardAsync(Func<Heartbeat, bool> wanted)
    {
        var seen = _beacon.Service.Heartbeats.Count;
        Heartbeat? found = null;
        await Patience.UntilAsync(() => (found = _beacon.Service.Heartbeats.Skip(seen).Select(h => Read(h.Body)).FirstOrDefault(wanted)) is not null,
            () => $"no such heartbeat; the last: {Encoding.UTF8.GetString(_beacon.Service.Heartbeats.LastOrDefault().Body ?? [])}\n{Journals()}\n{_beacon.Logs()}");
        return found!;
    }

    private static Heartbeat Read(byte[] body)
    {
        var (heartbeat, problem) = Heartbeat.Parse(body);
        problem.ShouldBeNull(Encoding.UTF8.GetString(body));
        return heartbeat!;
    }

    /// <summary>What the services of the timers wrote.</summary>
    private string Journals() =>
        string.Concat(Directory.GetFiles(_beacon.PathOf("/var/lib/standins/journal"), "wopr-*").Where(f => f.EndsWith("agent.service", StringComparison.Ordinal) || f.EndsWith("plan.service", StringComparison.Ordinal)).Select(File.ReadAllText));

    /// <summary>The installer as it is, but for one module's image.</summary>
    private sealed class NewerInstaller : IDisposable
    {
        public const string Tag = "99.1.2";
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("wopr-newer-");

        public NewerInstaller(string module)
        {
            var source = Repository.PathOf("installer-modules");
            foreach (var path in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
            {
                var target = Path.Combine(_folder.FullName, Path.GetRelativePath(source, path));
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.Copy(path, target);
            }
            BootedBeacon.Catalogue.TryFind(module, out var now).ShouldBeTrue();
            foreach (var name in new[] { "module.yaml", $"wopr-{module}.container" })
            {
                var path = Path.Combine(_folder.FullName, module, name);
                File.WriteAllText(path, File.ReadAllText(path).Replace(now.Image, $"{now.Image[..now.Image.LastIndexOf(':')]}:{Tag}", StringComparison.Ordinal));
            }
            Tarball = InstallerTarball.Build(_folder.FullName, ModuleCatalogue.Load(_folder.FullName).Catalogue!);
        }

        public InstallerTarball Tarball { get; }

        public void Dispose() => _folder.Delete(recursive: true);
    }
}
