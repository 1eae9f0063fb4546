using Wopr.CloudInit;
using Wopr.Modules;
using Wopr.Provisioning;
using Wopr.Sandbox.Tests.Boot;
using Wopr.Templating;
using Wopr.Templating.Loading;
using Wopr.Tests.Support;

namespace Wopr.Integration.Tests.Boot;

/// <summary>A beacon of the starter bundle, from the real templates and modules, on a machine of the script driver.</summary>
internal sealed class BootedBeacon : IAsyncDisposable
{
    public const string Host = "alice.beacons.localhost";
    public const string Token = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    /// <summary>What shells, YAML, JSON, templates and the runner itself might take for words of theirs.</summary>
    public const string Email = """o'neil+"$(touch${IFS}pwned)`id`";${beacon}{{job_id}}|<>&\n:#*@example.org""";
    private const long ServerId = 42;

    private BootedBeacon(FakeService service, InstallerTarball installer, string userData) =>
        (Service, Installer, UserData) = (service, installer, userData);

    public static readonly string[] Modules =
        ["postgresql", "redis", "caddy", "authentik", "nextcloud", "collabora", "outline", "vikunja", "vaultwarden", "uptime-kuma"];

    public static ModuleCatalogue Catalogue { get; } = ModuleCatalogue.Load(Repository.PathOf("installer-modules")).Catalogue!;

    public JobId Job { get; private init; }

    public FakeService Service { get; private set; }

    public InstallerTarball Installer { get; }

    public string UserData { get; private set; }

    public TestMachines Machines { get; private init; } = null!;

    /// <param name="beatSeconds">From one heartbeat of the finished beacon to the next; 0 for none.</param>
    /// <param name="apps">What was ordered, if not the starter bundle.</param>
    public static async Task<BootedBeacon> PrepareAsync(int beatSeconds = 0, string[]? apps = null)
    {
        var folder = Repository.PathOf("installer-modules");
        var installer = InstallerTarball.Build(folder, Catalogue);
        var service = await FakeService.StartAsync();
        service.Installer = installer.Bytes;

        var job = new JobId(Guid.NewGuid());
        var plan = Catalogue.Plan(apps ?? Modules[4..]).Modules!;
        var outcome = new UserDataRenderer(new TemplateEngine(new FolderLoader(Repository.PathOf("templates")))).Render(new BeaconPlan(
            job,
            Host,
            "alice",
            "starter",
            1,
            [.. plan.Select(module => module.Id)],
            Email,
            new Uri(service.Url, $"/api/provision/{job}/callback"),
            Token,
            new Uri(service.Url, $"/api/installer/{installer.Sha256}.tar.gz"),
            installer.Sha256,
            "test"));
        outcome.Reason.ShouldBeNull();
        return new BootedBeacon(service, installer, outcome.UserData!.Text) { Job = job, Machines = new TestMachines(beatSeconds) };
    }

    /// <summary>Before it starts: as if its user-data had been spoiled.</summary>
    public void Damage(string right, string wrong)
    {
        UserData.ShouldContain(right);
        UserData = UserData.Replace(right, wrong, StringComparison.Ordinal);
    }

    public void Start() => Machines.Start(ServerId, UserData);

    public Task<int> EndAsync() => Machines.EndAsync(ServerId);

    public string PathOf(string path) => Machines.PathOf(ServerId, path);

    /// <summary>What the bootstrap and the runner wrote, for a failing test's message.</summary>
    public string Logs() => string.Join('\n', new[] { "/var/log/wopr/install.log", "/var/log/wopr/callback.log" }.Select(PathOf).Where(File.Exists).Select(File.ReadAllText).Prepend(Machines.Console(ServerId)));

    public (int Status, string Body)? Get(string host, string path = "/") =>
        Machines.Driver.Answer(ServerId, host, path) is { } answer ? (answer.Status, answer.Body) : null;

    public BeaconReport Report()
    {
        BeaconReport.TryParse(Get(Host, BeaconReport.Path)!.Value.Body, out var report).ShouldBeTrue();
        return report!;
    }

    /// <summary>The service ends; a new one on the same port takes its place when asked to.</summary>
    public async Task<Func<Task>> CutOffServiceAsync()
    {
        var old = Service;
        await old.DisposeAsync();
        return async () => Service = await FakeService.StartAsync(old.Url.Port);
    }

    public async ValueTask DisposeAsync()
    {
        Machines.Dispose();
        await Service.DisposeAsync();
    }
}
