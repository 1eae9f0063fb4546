using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using Wopr.Modules;

namespace Wopr.Orchestrator.Tests.Modules;

public sealed class InstallerTarballTests
{
    [Fact]
    public void The_same_folder_gives_the_same_bytes()
    {
        Build(TestModules.RealFolder).Bytes.ToArray().ShouldBe(Build(TestModules.RealFolder).Bytes.ToArray());
    }

    [Fact]
    public void A_copy_with_other_times_and_modes_gives_the_same_bytes()
    {
        var copy = Directory.CreateTempSubdirectory("wopr-installer-");
        try
        {
            foreach (var file in Directory.EnumerateFiles(TestModules.RealFolder, "*", SearchOption.AllDirectories).Reverse())
            {
                var target = Path.Combine(copy.FullName, Path.GetRelativePath(TestModules.RealFolder, file));
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.Copy(file, target);
                File.SetLastWriteTimeUtc(target, new DateTime(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc));
                if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(target, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }

            Build(copy.FullName).Sha256.ShouldBe(Build(TestModules.RealFolder).Sha256);
        }
        finally
        {
            copy.Delete(recursive: true);
        }
    }

    [Fact]
    public void Its_name_is_the_hash_of_its_bytes()
    {
        var tarball = Build(TestModules.RealFolder);
        tarball.Sha256.ShouldBe(Convert.ToHexStringLower(SHA256.HashData(tarball.Bytes.Span)));
    }

    [Fact]
    public void It_holds_the_runner_and_every_file_of_every_module()
    {
        var entries = Entries(Build(TestModules.RealFolder));
        var expected = Directory.EnumerateFiles(TestModules.RealFolder, "*", SearchOption.AllDirectories)
            .Select(file => "installer-modules/" + Path.GetRelativePath(TestModules.RealFolder, file));
        entries.Keys.ShouldBe(entries.Keys.Order(StringComparer.Ordinal));
        foreach (var name in expected) entries.Keys.ShouldContain(name);
        entries["installer-modules/runner/install.sh"].Mode.HasFlag(UnixFileMode.OtherExecute).ShouldBeTrue();
        entries["installer-modules/nextcloud/after-start"].Mode.HasFlag(UnixFileMode.UserExecute).ShouldBeTrue();
        entries["installer-modules/nextcloud/module.yaml"].Mode.HasFlag(UnixFileMode.UserExecute).ShouldBeFalse();
        entries.Values.ShouldAllBe(e => e.ModificationTime == DateTimeOffset.UnixEpoch && e.Uid == 0 && e.Gid == 0);
    }

    [Fact]
    public void Manifests_are_there_in_the_words_of_the_runner()
    {
        var entries = Entries(Build(TestModules.RealFolder));
        Text(entries["installer-modules/authentik/manifest.env"]).ShouldContain("module_units=('wopr-authentik' 'wopr-authentik-worker')\n");
        Text(entries["installer-modules/outline/environment.env"]).ShouldContain("DATABASE_URL=postgres://outline:${secret:outline_database}@wopr-postgresql:5432/outline\n");
    }

    [Fact]
    public void No_file_has_windows_line_endings()
    {
        foreach (var (name, entry) in Entries(Build(TestModules.RealFolder))) Text(entry).ShouldNotContain("\r", customMessage: name);
    }

    private static InstallerTarball Build(string folder) => InstallerTarball.Build(folder, ModuleCatalogue.Load(folder).Catalogue!);

    private static string Text(TarEntry entry)
    {
        if (entry.DataStream is null) return "";
        entry.DataStream.Position = 0;
        return new StreamReader(entry.DataStream).ReadToEnd();
    }

    private static Dictionary<string, TarEntry> Entries(InstallerTarball tarball)
    {
        using var gzip = new GZipStream(new MemoryStream(tarball.Bytes.ToArray()), CompressionMode.Decompress);
        using var reader = new TarReader(gzip);
        var entries = new Dictionary<string, TarEntry>(StringComparer.Ordinal);
        while (reader.GetNextEntry(copyData: true) is { } entry) entries.Add(entry.Name, entry);
        return entries;
    }
}
