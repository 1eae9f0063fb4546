using System.Security.Cryptography;
using System.Text.Json;
using Wopr.Sandbox.Tests.Boot;
using Wopr.Tests.Support;

namespace Wopr.Integration.Tests.Boot;

/// <summary>The user-data that customers' servers get, really run: files, scripts, tarball, modules, callbacks.</summary>
public sealed class BeaconBootTests : IAsyncLifetime
{
    private BootedBeacon _beacon = null!;

    public async Task InitializeAsync() => _beacon = await BootedBeacon.PrepareAsync();

    public async Task DisposeAsync() => await _beacon.DisposeAsync();

    [ToolFact("bash", "setpriv", "setsid", "curl", "flock")]
    public async Task A_beacon_reports_every_step_and_then_answers()
    {
        _beacon.Get(BootedBeacon.Host).ShouldBeNull();
        _beacon.Start();
        (await _beacon.EndAsync()).ShouldBe(0, _beacon.Logs());

        var callbacks = _beacon.Service.Callbacks.ToList();
        callbacks.Select(c => c.Seq).ShouldBe(Enumerable.Range(1, 25));
        callbacks.ShouldAllBe(c => c.Token == BootedBeacon.Token);
        callbacks.Select(c => c.Progress).ShouldBeInOrder();
        var lines = callbacks.Select(Line).ToList();
        lines[..3].ShouldBe(["boot", "packages", "wopr_download"]);
        lines[^2..].ShouldBe(["health_ready", "complete cloud-init left no status"]);
        lines[3..^2].ShouldBe(BootedBeacon.Modules.SelectMany(m => new[] { $"{Stage(m)} {m} installing", $"{Stage(m)} {m} ready" }), ignoreOrder: true);
        NothingBeganBeforeWhatItNeeds(lines);

        var report = _beacon.Report();
        report.IsOf(_beacon.Job).ShouldBeTrue();
        report.InstallerSha256.ShouldBe(_beacon.Installer.Sha256);
        report.Modules.ShouldBe(BootedBeacon.Modules);
        foreach (var app in new[] { "auth", "files", "office", "wiki", "tasks", "vault", "status" })
            _beacon.Get($"{app}.{BootedBeacon.Host}")!.Value.Status.ShouldBe(200, app);
        _beacon.Get($"nothing.{BootedBeacon.Host}")!.Value.Status.ShouldBe(404);
        _beacon.Get(BootedBeacon.Host)!.Value.Body.ShouldContain($"href=\"https://files.{BootedBeacon.Host}/\"");
        _beacon.Get(BootedBeacon.Host)!.Value.Body.ShouldNotContain(_beacon.Job.ToString());
        TheAddressArrivedAsItWasTyped();
    }

    private void TheAddressArrivedAsItWasTyped()
    {
        using var json = JsonDocument.Parse(File.ReadAllText(_beacon.PathOf("/etc/wopr/bootstrap.json")));
        json.RootElement.GetProperty("admin_email").GetString().ShouldBe(BootedBeacon.Email);
        ToolRun.Of("bash", ["-c", ". \"$0\" && printf %s \"$WOPR_ADMIN_EMAIL\"", _beacon.PathOf("/etc/wopr/bootstrap.env")]).Output.ShouldBe(BootedBeacon.Email);
        File.ReadAllLines(_beacon.PathOf("/etc/wopr/modules/authentik.env")).ShouldContain($"AUTHENTIK_BOOTSTRAP_EMAIL={BootedBeacon.Email}");
        Directory.EnumerateFileSystemEntries(_beacon.PathOf("/")).Select(Path.GetFileName).ShouldBeSubsetOf(["etc", "opt", "run", "tmp", "usr", "var"]);
    }

    [ToolTheory("bash", "setpriv", "setsid", "curl", "flock")]
    [InlineData("module:outline", "MODULE-003", "outline", "Job for wopr-outline.service failed")]
    [InlineData("pull:redis", "MODULE-002", "redis", "manifest unknown")]
    [InlineData("unhealthy:vikunja", "MODULE-004", "vikunja", "/api/v1/info answered 503")]
    [InlineData("unhealthy:postgresql", "MODULE-004", "postgresql", "not healthy after")]
    [InlineData("hook:nextcloud", "MODULE-006", "nextcloud", "broken on request")]
    [InlineData("packages", "INSTALLER-006", null, "Could not connect to the mirror")]
    [InlineData("names", "CLOUDINIT-002", null, "cannot be resolved")]
    [InlineData("download", "INSTALLER-004", null, "no installer at")]
    [InlineData("checksum", "INSTALLER-005", null, "does not have the SHA-256")]
    [InlineData("network", "PODMAN-001", null, "resolves no names")]
    [InlineData("disk", "MODULE-005", null, "120 MB are free for the applications, 8048 MB are needed")]
    public async Task What_fails_is_named_with_its_code_and_its_last_words(string broken, string code, string? module, string words)
    {
        _beacon.Machines.Break(broken);
        _beacon.Start();
        (await _beacon.EndAsync()).ShouldNotBe(0);

        var last = _beacon.Service.Callbacks.Last();
        (last.Stage, last.Error, last.Module).ShouldBe(("error", code, module), _beacon.Logs());
        last.Message.ShouldNotBeNull().ShouldContain(words);
        last.Message.Length.ShouldBeLessThanOrEqualTo(8192);
        last.Message.Count(c => c == '\n').ShouldBeLessThan(50);
        _beacon.Service.Callbacks.Count(c => c.Stage == "error").ShouldBe(1);
        if (module is not null && module != "postgresql" && module != "redis")
        {
            _beacon.Report().Modules.ShouldNotContain(module);
            _beacon.Get($"auth.{BootedBeacon.Host}")!.Value.Status.ShouldBe(200);
        }
    }

    [ToolTheory("bash", "setpriv", "setsid", "curl", "flock", "python3")]
    [InlineData("packages", "INSTALLER-006")]
    [InlineData("pull:redis", "MODULE-002")]
    public async Task What_cloud_init_itself_complained_of_comes_with_an_error(string broken, string code)
    {
        Directory.CreateDirectory(_beacon.PathOf("/run/cloud-init"));
        await File.WriteAllTextAsync(_beacon.PathOf("/run/cloud-init/status.json"), """
            {"v1": {"datasource": "DataSourceHetzner", "stage": "modules-final", "init": {"errors": [], "recoverable_errors": {}},
                    "modules-config": {"errors": ["('ntp', RuntimeError('no clock'))"], "recoverable_errors": {}}}}
            """);
        _beacon.Machines.Break(broken);
        _beacon.Start();
        (await _beacon.EndAsync()).ShouldNotBe(0);
        var last = _beacon.Service.Callbacks.Last();
        last.Error.ShouldBe(code, _beacon.Logs());
        last.Message.ShouldNotBeNull().ShouldContain("modules-config: ('ntp', RuntimeError('no clock'))");
    }

    [ToolFact("bash", "setpriv", "setsid", "curl", "flock")]
    public async Task A_hook_that_fails_says_where()
    {
        _beacon.Machines.Break("hook:nextcloud");
        _beacon.Start();
        (await _beacon.EndAsync()).ShouldNotBe(0);
        _beacon.Service.Callbacks.Last().Message.ShouldNotBeNull().ShouldMatch("failed at (before|after)-start, line [0-9]+: ");
    }

    [ToolFact("bash", "setpriv", "setsid", "curl", "flock")]
    public async Task Secrets_stay_on_the_beacon_and_are_for_root_alone()
    {
        _beacon.Machines.Break("module:uptime-kuma");
        _beacon.Start();
        await _beacon.EndAsync();
        var files = Directory.GetFiles(_beacon.PathOf("/etc/wopr/secrets"));
        files.Length.ShouldBe(17);
        var secrets = files.Select(File.ReadAllText).ToList();
        secrets.Distinct().Count().ShouldBe(secrets.Count);
        secrets.ShouldAllBe(secret => secret.Length == 64);
        foreach (var file in files.Concat(Directory.GetFiles(_beacon.PathOf("/etc/wopr/modules"), "*.env")).Append(_beacon.PathOf("/etc/wopr/bootstrap.env")))
            File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite, file);

        var told = string.Concat(_beacon.Service.Callbacks.Select(c => c.Message))
            + string.Concat(Directory.EnumerateFiles(_beacon.PathOf("/var/log/wopr")).Select(File.ReadAllText))
            + string.Concat(Directory.EnumerateFiles(_beacon.PathOf("/var/lib/wopr/public"), "*", SearchOption.AllDirectories).Select(File.ReadAllText))
            + File.ReadAllText(_beacon.PathOf("/etc/wopr/blueprints/wopr.yaml"))
            + File.ReadAllText(_beacon.PathOf("/var/lib/standins/journal/curl"))
            + _beacon.Logs();
        secrets.Append(BootedBeacon.Token).ShouldAllBe(secret => !told.Contains(secret, StringComparison.Ordinal));
    }

    [ToolFact("bash", "setpriv", "setsid", "curl", "flock")]
    public async Task A_second_run_changes_nothing_and_a_repair_goes_on_where_it_stopped()
    {
        _beacon.Machines.Break("module:vaultwarden");
        _beacon.Start();
        (await _beacon.EndAsync()).ShouldNotBe(0);
        var before = Hashes();

        _beacon.Machines.Break();
        RunAgain();
        _beacon.Report().Modules.ShouldBe(BootedBeacon.Modules);
        var repaired = Hashes();
        foreach (var (path, hash) in before.Where(file => file.Key.StartsWith("etc/", StringComparison.Ordinal))) repaired[path].ShouldBe(hash, path);

        RunAgain();
        Hashes().ShouldBe(repaired);
    }

    [ToolFact("bash", "setpriv", "setsid", "curl", "flock")]
    public async Task Callbacks_that_could_not_be_sent_follow_later_in_order()
    {
        var back = await _beacon.CutOffServiceAsync();
        _beacon.Start();
        await Patience.UntilAsync(() => Waiting().Length > 0, _beacon.Logs);
        await back();
        _beacon.Service.Installer = _beacon.Installer.Bytes;
        (await _beacon.EndAsync()).ShouldBe(0, _beacon.Logs());
        _beacon.Service.Callbacks.Select(c => c.Seq).ShouldBe(Enumerable.Range(1, 25));
        Waiting().ShouldBeEmpty();
    }

    [ToolFact("bash", "setpriv", "setsid", "curl", "flock")]
    public async Task A_machine_that_was_cut_off_goes_on_with_higher_numbers()
    {
        _beacon.Start();
        await Patience.UntilAsync(() => _beacon.Service.Callbacks.Count >= 6, _beacon.Logs);
        _beacon.Machines.PowerUp();
        _beacon.Start();
        (await _beacon.EndAsync()).ShouldBe(0, _beacon.Logs());
        var numbers = _beacon.Service.Callbacks.Select(c => c.Seq).ToList();
        // Cut off between an answer and the note of it, a message is sent twice under its one number.
        numbers.ShouldBeInOrder(SortDirection.Ascending);
        _beacon.Report().Modules.ShouldBe(BootedBeacon.Modules);
    }

    [ToolFact("bash", "setpriv", "setsid", "curl", "flock")]
    public async Task Nothing_is_sent_after_the_job_is_over()
    {
        var asked = 0;
        _beacon.Service.Answer = _ => Interlocked.Increment(ref asked) <= 4 ? 202 : 409;
        _beacon.Start();
        (await _beacon.EndAsync()).ShouldBe(0, _beacon.Logs());
        asked.ShouldBe(5);
        Waiting().ShouldBeEmpty();
    }

    [ToolFact("bash", "setpriv", "setsid", "curl", "flock")]
    public async Task A_refused_callback_is_dropped_and_the_next_one_is_sent()
    {
        _beacon.Service.Answer = callback => callback.Seq == 3 ? 422 : 202;
        _beacon.Start();
        (await _beacon.EndAsync()).ShouldBe(0, _beacon.Logs());
        _beacon.Service.Callbacks.Select(c => c.Seq).ShouldBe([1, 2, .. Enumerable.Range(4, 22)]);
        File.ReadAllText(_beacon.PathOf("/var/log/wopr/callback.log")).ShouldContain("00000003.json was refused with 422");
    }

    [ToolFact("bash", "setpriv", "setsid", "curl", "flock", "caddy")]
    public async Task The_real_caddy_accepts_the_assembled_caddyfile()
    {
        _beacon.Start();
        (await _beacon.EndAsync()).ShouldBe(0, _beacon.Logs());
        // Caddy opens its logs while it validates; here they go beside the machine's own.
        var caddyfile = _beacon.PathOf("/etc/wopr/Caddyfile");
        File.WriteAllText(caddyfile, File.ReadAllText(caddyfile).Replace("/var/log/caddy/", _beacon.PathOf("/var/log/caddy/"), StringComparison.Ordinal));
        ToolRun.Of("caddy", ["validate", "--adapter", "caddyfile", "--config", caddyfile]).ShouldSucceed();
    }

    /// <summary>Every module after what its manifest requires, and every application after the whole core.</summary>
    private static void NothingBeganBeforeWhatItNeeds(List<string> lines)
    {
        foreach (var module in BootedBeacon.Catalogue.Plan(BootedBeacon.Modules[4..]).Modules!)
        {
            var began = lines.IndexOf($"{Stage(module.Id.Value)} {module.Id} installing");
            var needed = module.Requires.Select(id => id.Value).Concat(module.IsCore ? [] : BootedBeacon.Modules[..4]);
            foreach (var id in needed) lines.IndexOf($"{Stage(id)} {id} ready").ShouldBeInRange(0, began - 1, $"{module.Id} needs {id}");
        }
    }

    private static string Stage(string module) => Array.IndexOf(BootedBeacon.Modules, module) < 4 ? "core_modules" : "app_modules";

    private static string Line(Callback callback) => string.Join(' ', new[] { callback.Stage, callback.Module, callback.Message }.Where(part => part is not null));

    private string[] Waiting() =>
        Directory.Exists(_beacon.PathOf("/var/lib/wopr/spool")) ? Directory.GetFiles(_beacon.PathOf("/var/lib/wopr/spool"), "*.json") : [];

    /// <summary>As an operator on the beacon would, by starting the bootstrap again.</summary>
    private void RunAgain()
    {
        var root = _beacon.PathOf("/").TrimEnd('/');
        ToolRun.Of("env",
        [
            "-i", $"PATH={Path.Combine(_beacon.Machines.Folder, "bin")}:/usr/sbin:/usr/bin:/sbin:/bin", $"HOME={root}", $"WOPR_ROOT={root}",
            "WOPR_STANDIN_PACKAGES=0", "WOPR_STANDIN_PULL=0", "WOPR_STANDIN_START=0", "WOPR_STANDIN_BREAK=", "WOPR_STANDIN_BREAK_FILE=/nonexistent",
            "WOPR_POLL_SECONDS=0.1", "WOPR_RETRY_SECONDS=0.1", "WOPR_FLUSH_SECONDS=1",
            "bash", Path.Combine(root, "opt/wopr/bootstrap.sh"),
        ]).ShouldSucceed();
    }

    /// <summary>Everything on the disk but what grows by its nature: logs and the number of the last callback.</summary>
    private SortedDictionary<string, string> Hashes()
    {
        var root = _beacon.PathOf("/");
        return new(Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(root, path))
            .Where(path => !path.StartsWith("var/log/", StringComparison.Ordinal) && path != "var/lib/wopr/seq" && !path.StartsWith("var/lib/standins/journal", StringComparison.Ordinal))
            .ToDictionary(path => path, path => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(Path.Combine(root, path))))), StringComparer.Ordinal);
    }
}
