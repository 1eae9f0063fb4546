using System.Collections.Concurrent;
using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Wopr.Checkout;
using Wopr.Modules;
using Wopr.Tests.Support;

namespace Wopr.Orchestrator.Tests.Modules;

/// <summary>
/// What the real runner writes to a beacon before it starts anything, below a folder of its own: from the real tarball,
/// with secrets that follow from their names. Nothing else of this machine is touched.
/// </summary>
internal sealed class LaidOutBeacon : IDisposable
{
    public const string Host = "alice.example.org";
    private static readonly Lazy<(ModuleCatalogue Catalogue, string Folder)> Installer = new(Unpack);
    private readonly string _root = Directory.CreateTempSubdirectory("wopr-beacon-").FullName;

    /// <param name="modules">What was ordered; what they require comes with them.</param>
    /// <param name="email">Of its owner.</param>
    public LaidOutBeacon(string bundle, IEnumerable<string> modules, string email = "alice@example.com")
    {
        var (catalogue, folder) = Installer.Value;
        var plan = catalogue.Plan(modules);
        plan.Error.ShouldBeNull();
        Plan = plan.Modules!;
        Write("opt/wopr/callback.sh", "wopr_callback() { :; }\n");
        Write("etc/wopr/bootstrap.env", $"""
            WOPR_JOB_ID=5a2ffde0-6d5c-4a43-9f0d-0b6a0e6a6f11
            WOPR_BEACON={Host}
            WOPR_BEACON_NAME=alice
            WOPR_BUNDLE={bundle}
            WOPR_MODULES='{string.Join(' ', Plan.Select(m => m.Id))}'
            WOPR_ADMIN_EMAIL='{email.Replace("'", @"'\''", StringComparison.Ordinal)}'
            WOPR_CALLBACK_TOKEN=
            WOPR_INSTALLER_SHA256={new string('0', 64)}

            """);
        foreach (var secret in Plan.SelectMany(m => m.Secrets)) Write($"etc/wopr/secrets/{secret}", SecretOf(secret));
        ToolRun.Of("bash", [Path.Combine(folder, "installer-modules/runner/install.sh"), "--lay-out"], environment: new Dictionary<string, string> { ["WOPR_ROOT"] = _root }).ShouldSucceed();
    }

    private static readonly ConcurrentDictionary<string, Lazy<LaidOutBeacon>> Shared = new(StringComparer.Ordinal);

    public IReadOnlyList<Module> Plan { get; }

    /// <summary>The beacon of a bundle of the shop, for tests that only read it: it is made once.</summary>
    public static LaidOutBeacon Of(string bundle) => OnceOf(bundle, () => Catalogue.Load().FindBundle(bundle)!.Modules);

    /// <summary>A beacon with every module that there is, for tests that only read it.</summary>
    public static LaidOutBeacon OfEverything() => OnceOf("all", () => Installer.Value.Catalogue.Modules.Select(m => m.Id.Value));

    /// <summary>64 hexadecimal digits, the same on every machine.</summary>
    public static string SecretOf(string name) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)));

    /// <summary>One of the runner's own scripts.</summary>
    public static string RunnerPath(string script) => Path.Combine(Installer.Value.Folder, "installer-modules", "runner", script);

    public string PathOf(string path) => Path.Combine(_root, path);

    public string Read(string path) => File.ReadAllText(PathOf(path));

    /// <summary>Relative to the beacon's root, in order.</summary>
    public IEnumerable<string> Files(string folder) =>
        Directory.EnumerateFiles(PathOf(folder), "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(_root, path)).Order(StringComparer.Ordinal);

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private static LaidOutBeacon OnceOf(string bundle, Func<IEnumerable<string>> modules) => Shared.GetOrAdd(bundle, _ => new Lazy<LaidOutBeacon>(() =>
    {
        var beacon = new LaidOutBeacon(bundle, modules());
        AppDomain.CurrentDomain.ProcessExit += (_, _) => beacon.Dispose();
        return beacon;
    })).Value;

    private void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(path))!);
        File.WriteAllText(PathOf(path), text);
    }

    private static (ModuleCatalogue Catalogue, string Folder) Unpack()
    {
        var catalogue = TestModules.RealCatalogue();
        var tarball = InstallerTarball.Build(TestModules.RealFolder, catalogue);
        var folder = Directory.CreateTempSubdirectory("wopr-installer-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        using var gzip = new GZipStream(new MemoryStream(tarball.Bytes.ToArray()), CompressionMode.Decompress);
        TarFile.ExtractToDirectory(gzip, folder, overwriteFiles: false);
        return (catalogue, folder);
    }
}
