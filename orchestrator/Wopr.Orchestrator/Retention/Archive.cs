using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Wopr.Platform;

namespace Wopr.Retention;

/// <summary>
/// Files below the data folder that take what the database no longer keeps: one row of JSON a line, compressed. A file is
/// named after its content, so that a batch that is written again after a crash replaces itself.
/// </summary>
public sealed class Archive(Settings settings)
{
    public string Folder { get; } = Path.Combine(settings.DataFolder, "archive");

    /// <summary>On the disk when this returns.</summary>
    /// <exception cref="IOException">The batch must stay in the database.</exception>
    public async Task<string> WriteAsync(string name, IReadOnlyList<string> lines, CancellationToken cancellation)
    {
        var content = Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n")));
        var path = Path.Combine(Folder, $"{name}-{Convert.ToHexStringLower(SHA256.HashData(content))[..16]}.jsonl.gz");
        Directory.CreateDirectory(Folder);
        var temporary = path + ".part";
        await using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write))
        {
            await using (var gzip = new GZipStream(file, CompressionLevel.Optimal, leaveOpen: true)) await gzip.WriteAsync(content, cancellation);
            file.Flush(flushToDisk: true);
        }
        File.Move(temporary, path, overwrite: true);
        return path;
    }
}
