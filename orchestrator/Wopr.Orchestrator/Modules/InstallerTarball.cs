using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;

namespace Wopr.Modules;

/// <summary>
/// The installer that every beacon fetches: the runner and all modules as a .tar.gz. The same folder gives the same
/// bytes on every machine, so its SHA-256 names a version. Nothing in it differs from beacon to beacon.
/// </summary>
public sealed class InstallerTarball
{
    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Runnable = Readable | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private InstallerTarball(byte[] bytes)
    {
        Bytes = bytes;
        Sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes));
    }

    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>64 lower-case hexadecimal digits.</summary>
    public string Sha256 { get; }

    /// <summary>Packs <paramref name="folder"/>; the catalogue must have been loaded from the same folder.</summary>
    public static InstallerTarball Build(string folder, ModuleCatalogue catalogue)
    {
        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
            files[Path.GetRelativePath(folder, path).Replace('\\', '/')] = File.ReadAllBytes(path);
        foreach (var module in catalogue.Modules)
        {
            files[$"{module.Id}/manifest.env"] = Encoding.UTF8.GetBytes(CompiledManifest.Manifest(module));
            files[$"{module.Id}/environment.env"] = Encoding.UTF8.GetBytes(CompiledManifest.Environment(module));
        }

        using var tar = new MemoryStream();
        using (var writer = new TarWriter(tar, TarEntryFormat.Ustar, leaveOpen: true))
        {
            foreach (var (path, content) in files) writer.WriteEntry(Entry(path, content));
        }

        return new InstallerTarball(StoredGzip.Pack(tar.GetBuffer().AsSpan(0, (int)tar.Length)));
    }

    /// <summary>Owner, time and mode follow from the name alone: nothing of the machine that packs gets in.</summary>
    private static UstarTarEntry Entry(string path, byte[] content) => new(TarEntryType.RegularFile, $"installer-modules/{path}")
    {
        ModificationTime = DateTimeOffset.UnixEpoch,
        Mode = IsScript(content) ? Runnable : Readable,
        Uid = 0,
        Gid = 0,
        UserName = "root",
        GroupName = "root",
        DataStream = new MemoryStream(content),
    };

    private static bool IsScript(byte[] content) => content.AsSpan().StartsWith("#!"u8);
}
