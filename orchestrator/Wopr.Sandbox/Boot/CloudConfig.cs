using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Wopr.Sandbox.Boot;

/// <summary>What the sandbox carries out of a server's #cloud-config: write_files, then runcmd. Other keys are left alone, as on a machine that has them done already.</summary>
public sealed record CloudConfig(IReadOnlyList<WrittenFile> Files, IReadOnlyList<IReadOnlyList<string>> Commands)
{
    private static readonly CloudConfig Nothing = new([], []);

    /// <summary>A machine with user-data that is no #cloud-config boots all the same: it just does nothing. Wrong YAML is told.</summary>
    public static bool TryParse(string userData, [NotNullWhen(true)] out CloudConfig? config, [NotNullWhen(false)] out string? reason)
    {
        (config, reason) = (Nothing, null);
        if (!userData.StartsWith("#cloud-config", StringComparison.Ordinal)) return true;
        try
        {
            var yaml = new YamlStream();
            yaml.Load(new StringReader(userData));
            if (yaml.Documents is not [{ RootNode: YamlMappingNode root }]) return true;
            config = new CloudConfig([.. Items(root, "write_files").Select(FileOf)], [.. Items(root, "runcmd").Select(CommandOf)]);
            return true;
        }
        catch (Exception e) when (e is YamlException or FormatException or InvalidDataException)
        {
            (config, reason) = (null, e.Message);
            return false;
        }
    }

    private static IEnumerable<YamlNode> Items(YamlMappingNode root, string key) =>
        root.Children.TryGetValue(key, out var node) && node is YamlSequenceNode list ? list.Children : [];

    private static WrittenFile FileOf(YamlNode node)
    {
        var keys = node as YamlMappingNode ?? throw new FormatException("write_files has an item that is no mapping");
        string? One(string key) => keys.Children.TryGetValue(key, out var value) ? (value as YamlScalarNode)?.Value : null;

        var path = One("path");
        if (path is null || !path.StartsWith('/')) throw new FormatException("write_files has an item without an absolute path");
        var content = Decode(One("content") ?? "", One("encoding") ?? "text/plain");
        var mode = Convert.ToInt32((One("permissions") ?? "0644").TrimStart('0', 'o') is { Length: > 0 } octal ? octal : "0", 8);
        return new WrittenFile(path, content, mode, One("append") is "true");
    }

    private static byte[] Decode(string content, string encoding) => encoding.ToLower(CultureInfo.InvariantCulture) switch
    {
        "text/plain" => Encoding.UTF8.GetBytes(content),
        "b64" or "base64" => Convert.FromBase64String(content),
        "gz+b64" or "gzip+b64" or "gz+base64" or "gzip+base64" => Unzip(Convert.FromBase64String(content)),
        _ => throw new FormatException($"write_files has the unknown encoding '{encoding}'"),
    };

    private static byte[] Unzip(byte[] packed)
    {
        using var gzip = new GZipStream(new MemoryStream(packed), CompressionMode.Decompress);
        using var plain = new MemoryStream();
        gzip.CopyTo(plain);
        return plain.ToArray();
    }

    /// <summary>A list is run as it is; a string goes through the shell.</summary>
    private static IReadOnlyList<string> CommandOf(YamlNode node) => node switch
    {
        YamlSequenceNode words => [.. words.Children.Select(word => (word as YamlScalarNode)?.Value ?? throw new FormatException("runcmd has a command that is no list of words"))],
        YamlScalarNode { Value: { } line } => ["sh", "-c", line],
        _ => throw new FormatException("runcmd has an item that is neither a list nor a string"),
    };
}

/// <param name="Mode">Permission bits.</param>
public sealed record WrittenFile(string Path, byte[] Content, int Mode, bool Append);
