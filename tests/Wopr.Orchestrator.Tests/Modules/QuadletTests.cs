using Wopr.Tests.Support;

namespace Wopr.Orchestrator.Tests.Modules;

/// <summary>All units of all modules, under the eyes of the programs that will read them: Podman's generator and systemd.</summary>
public sealed class QuadletTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("wopr-units-").FullName;

    [ToolFact("quadlet", "podman", "systemd-analyze")]
    public void Podman_and_systemd_find_nothing_wrong_with_any_unit()
    {
        var sources = Directory.CreateDirectory(Path.Combine(_folder, "quadlet")).FullName;
        foreach (var path in Directory.EnumerateFiles(TestModules.RealFolder, "wopr*", SearchOption.AllDirectories).Where(IsQuadlet))
            File.Copy(path, Path.Combine(sources, Path.GetFileName(path)));

        Verify(sources);
    }

    /// <summary>As the runner puts them on a beacon: a unit that another bundle has might be missing here.</summary>
    [ToolTheory("quadlet", "podman", "systemd-analyze", "bash")]
    [MemberData(nameof(BundleTests.Bundles), MemberType = typeof(BundleTests))]
    public void Podman_and_systemd_accept_the_units_of_each_bundle(string bundle)
    {
        var beacon = LaidOutBeacon.Of(bundle);
        var sources = Directory.CreateDirectory(Path.Combine(_folder, "quadlet")).FullName;
        foreach (var unit in beacon.Files("etc/containers/systemd")) File.Copy(beacon.PathOf(unit), Path.Combine(sources, Path.GetFileName(unit)));
        foreach (var unit in beacon.Plan.SelectMany(m => m.Units)) File.Exists(Path.Combine(sources, $"{unit}.container")).ShouldBeTrue(unit);
        File.Copy(Path.Combine(TestModules.RealFolder, "runner", "units", "wopr.network"), Path.Combine(sources, "wopr.network"));
        Verify(sources);
    }

    /// <summary>The runner's own services and timers, which are no containers.</summary>
    [ToolFact("systemd-analyze")]
    public void Systemd_finds_nothing_wrong_with_the_runners_timers()
    {
        foreach (var path in Directory.EnumerateFiles(Path.Combine(TestModules.RealFolder, "runner", "units")).Where(p => Path.GetExtension(p) is ".service" or ".timer" && !p.Contains("metadata-guard", StringComparison.Ordinal)))
            File.Copy(path, Path.Combine(_folder, Path.GetFileName(path)));
        var units = Directory.GetFiles(_folder);
        units.Length.ShouldBe(5);
        var run = ToolRun.Of("systemd-analyze", ["verify", "--man=no", .. units], environment: new Dictionary<string, string> { ["SYSTEMD_UNIT_PATH"] = $"{_folder}:" });
        run.ShouldSucceed();
        run.Output.ShouldNotContain(_folder);
    }

    [ToolFact("quadlet", "podman", "systemd-analyze")]
    public void What_is_wrong_is_found()
    {
        File.WriteAllText(Path.Combine(_folder, "wrong.container"), "[Container]\nImage=docker.io/library/a:1.2.3\nPublisPort=80:80\n");
        Dry(_folder).Output.ShouldContain("PublisPort");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Verify(string sources)
    {
        var services = Generate(sources);
        services.Count.ShouldBe(Directory.GetFiles(sources).Length);
        var target = Directory.CreateDirectory(Path.Combine(_folder, "services")).FullName;
        foreach (var (name, text) in services) File.WriteAllText(Path.Combine(target, name), text);
        // The empty part at the end of the path stands for systemd's own folders.
        var run = ToolRun.Of("systemd-analyze", ["verify", "--man=no", .. services.Keys.Select(name => Path.Combine(target, name))], environment: new Dictionary<string, string> { ["SYSTEMD_UNIT_PATH"] = $"{target}:" });
        run.ShouldSucceed();
        run.Output.ShouldNotContain(_folder);
    }

    private static bool IsQuadlet(string path) => Path.GetExtension(path) is ".container" or ".volume" or ".network";

    private static ToolRun Dry(string folder) => ToolRun.Of("quadlet", ["-dryrun"], environment: new Dictionary<string, string> { ["QUADLET_UNIT_DIRS"] = folder });

    /// <summary>The services by name; whatever the generator complains of fails the test.</summary>
    private static SortedDictionary<string, string> Generate(string folder)
    {
        var run = Dry(folder);
        run.ShouldSucceed();
        run.Output.ShouldNotContain("unsupported key");
        run.Output.ShouldNotContain("error");
        var services = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var part in ("\n" + run.Output).Split("\n---").Skip(1))
        {
            var (name, text) = (part[..part.IndexOf("---\n", StringComparison.Ordinal)], part[(part.IndexOf("---\n", StringComparison.Ordinal) + 4)..]);
            services.Add(name, string.Concat(text.Split('\n').Where(line => !line.StartsWith("quadlet-generator[", StringComparison.Ordinal)).Select(line => line + "\n")));
        }

        return services;
    }
}
