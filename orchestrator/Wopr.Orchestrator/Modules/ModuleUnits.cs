using System.Text.RegularExpressions;

namespace Wopr.Modules;

/// <summary>The Quadlet units of one module, and the rules that all of them keep.</summary>
internal sealed partial record ModuleUnits(IReadOnlyList<string> Units, IReadOnlyList<string> Images)
{
    /// <param name="ports">What the manifest says is published, as in <see cref="PublishedPort"/>.</param>
    /// <param name="volumes">The files of all modules' volumes.</param>
    /// <param name="wrong">Told of each file and what is wrong with it.</param>
    public static ModuleUnits Read(string folder, string image, IReadOnlyCollection<string> ports, IReadOnlySet<string> volumes, Action<string, string> wrong)
    {
        var main = $"wopr-{Path.GetFileName(folder)}";
        var files = Directory.GetFiles(folder, "*.container").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal).ToList();
        var images = new SortedSet<string>(StringComparer.Ordinal);
        HashSet<string> needed = [];
        if (!files.Contains($"{main}.container")) wrong($"{main}.container", "is missing");

        foreach (var file in files)
        {
            var name = Path.GetFileNameWithoutExtension(file);
            var entries = Entries(Path.Combine(folder, file));
            if (name == main) needed = entries.Where(e => e.Key == "Requires").SelectMany(e => e.Value.Split(' ')).ToHashSet(StringComparer.Ordinal);
            string? One(string key) => entries.SingleOrDefault(e => e.Key == key).Value;

            if (name != main && !name.StartsWith(main + "-", StringComparison.Ordinal)) wrong(file, $"does not begin with {main}-");
            if (One("ContainerName") != name) wrong(file, $"ContainerName is not {name}");
            // Caddy alone has a second network, over which IPv6 comes in.
            var networks = entries.Where(e => e.Key == "Network").Select(e => e.Value).Where(network => main != "wopr-caddy" || network != "wopr-caddy.network");
            if (networks.ToList() is not ["wopr.network"]) wrong(file, "Network is not wopr.network");
            if (One("Image") is not { } own) wrong(file, "has no Image");
            else if (!IsPinned(own)) wrong(file, $"Image {own} has no registry or no released tag");
            else images.Add(own);
            if (name == main && One("Image") != image) wrong(file, "Image is not the manifest's");
            if (One("EnvironmentFile") != $"/etc/wopr/modules/{main[5..]}.env") wrong(file, "EnvironmentFile is not the module's");
            foreach (var port in entries.Where(e => e.Key == "PublishPort").Select(e => e.Value))
            {
                if (main != "wopr-caddy" && !ports.Any(said => port == $"{said.Split('/')[0]}:{said}")) wrong(file, $"publishes {port}; only Caddy does, and what the manifest says under ports");
            }

            foreach (var volume in entries.Where(e => e.Key == "Volume").Select(e => e.Value.Split(':')[0]).Where(v => !v.StartsWith('/')))
            {
                if (!volumes.Contains(volume)) wrong(file, $"the volume '{volume}' has no unit here");
            }
        }

        // What the first unit needs is started before it, the other helpers after it: a restart would take those along that need it.
        var units = files.Select(file => Path.GetFileNameWithoutExtension(file))
            .OrderBy(name => name == main ? 1 : needed.Contains($"{name}.service") ? 0 : 2).ThenBy(name => name, StringComparer.Ordinal);
        return new ModuleUnits([.. units], [.. images]);
    }

    /// <summary>
    /// Whether the reference names a registry and a tag that its makers do not move: a version with a dot (<c>v1.2.3</c>,
    /// <c>apache-2.57.0</c>), or the number or date of a build (<c>stable-10314</c>, <c>260305</c>).
    /// </summary>
    public static bool IsPinned(string image) => Pinned().IsMatch(image);

    [GeneratedRegex(@"\A[a-z0-9.-]+\.[a-z]+(/[a-z0-9._-]+)+:([A-Za-z]+[.-]|[0-9]+-[a-z]+)?(v?[0-9]+([.][0-9]+)+[A-Za-z0-9._-]*|[0-9]{4,}[A-Z0-9-]*)\z")]
    private static partial Regex Pinned();

    private static List<KeyValuePair<string, string>> Entries(string path) =>
    [
        .. from line in File.ReadLines(path)
           where line.Length > 0 && line[0] is not ('#' or ';' or '[')
           let sign = line.IndexOf('=', StringComparison.Ordinal)
           where sign >= 0
           select KeyValuePair.Create(line[..sign].Trim(), line[(sign + 1)..].Trim())
    ];
}
