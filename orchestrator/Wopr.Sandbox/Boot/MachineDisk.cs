using System.Text.RegularExpressions;

namespace Wopr.Sandbox.Boot;

/// <summary>What can be read off a machine's disk about the beacon on it: its Caddyfile, its public files, its active units.</summary>
internal sealed partial class MachineDisk(string root)
{
    private const string Public = "var/lib/wopr/public";

    public string Root => root;

    /// <summary>As Caddy on that machine would answer; null while Caddy is not active.</summary>
    public BeaconAnswer? Answer(string host, string path)
    {
        if (!IsActive("wopr-caddy")) return null;
        if (Site(host) is not { } site) return BeaconAnswer.Page(404, "Not found", "There is nothing of this name on this beacon.");
        if (Upstream().Matches(site) is [.., var last])
        {
            var container = last.Groups[1].Value;
            return IsActive(container)
                ? BeaconAnswer.Page(200, container["wopr-".Length..], "The application runs. In the sandbox this page stands in for it.")
                : BeaconAnswer.Page(502, "Bad gateway", "The application does not answer.");
        }

        return PublicFile(path) ?? BeaconAnswer.Page(404, "Not found", "There is no such page.");
    }

    private bool IsActive(string unit) => Path(["var/lib/standins/active", $"{unit}.service"]) is not null;

    /// <summary>The block of one host in the assembled Caddyfile: from its line to the closing brace in the first column.</summary>
    private string? Site(string host)
    {
        if (Path(["etc/wopr/Caddyfile"]) is not { } file) return null;
        var text = File.ReadAllText(file);
        var start = text.IndexOf($"\n{host} {{\n", StringComparison.Ordinal);
        return start < 0 ? null : text[start..text.IndexOf("\n}", start, StringComparison.Ordinal)];
    }

    private BeaconAnswer? PublicFile(string path)
    {
        var parts = (path.EndsWith('/') ? path + "index.html" : path).Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Any(part => part is "." or "..") || Path([Public, .. parts]) is not { } file) return null;
        var type = System.IO.Path.GetExtension(file) switch { ".json" => "application/json", ".html" => "text/html; charset=utf-8", _ => "text/plain; charset=utf-8" };
        return new BeaconAnswer(200, type, File.ReadAllText(file));
    }

    /// <summary>A file below the root, or null. Links are not followed: what a machine may read is not what the sandbox may.</summary>
    private string? Path(IEnumerable<string> parts)
    {
        var path = root;
        foreach (var part in parts.SelectMany(part => part.Split('/')))
        {
            path = System.IO.Path.Combine(path, part);
            if (new FileInfo(path).LinkTarget is not null) return null;
        }

        return File.Exists(path) ? path : null;
    }

    [GeneratedRegex("reverse_proxy (wopr-[a-z0-9-]+):[0-9]+")]
    private static partial Regex Upstream();
}
