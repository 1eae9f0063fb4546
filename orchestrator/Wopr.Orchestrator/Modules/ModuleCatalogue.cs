using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Wopr.Modules;

/// <summary>Every module that can be installed, checked against each other; and the order in which a set of them is.</summary>
public sealed partial class ModuleCatalogue
{
    /// <summary>Core modules, in the order in which every beacon gets them.</summary>
    public static readonly IReadOnlyList<string> CoreOrder = ["postgresql", "redis", "caddy", "authentik"];

    private readonly SortedDictionary<string, Module> _modules;

    private ModuleCatalogue(SortedDictionary<string, Module> modules) => _modules = modules;

    /// <summary>By id.</summary>
    public IReadOnlyCollection<Module> Modules => _modules.Values;

    /// <summary>What any module publishes on a beacon beside Caddy. One firewall serves all beacons, so it lets all of these through.</summary>
    public IEnumerable<PublishedPort> Ports => _modules.Values.SelectMany(m => m.Ports).Distinct();

    public bool Contains(string id) => _modules.ContainsKey(id);

    public bool TryFind(string id, [NotNullWhen(true)] out Module? module) => _modules.TryGetValue(id, out module);

    /// <summary>The host names at which these modules answer on a beacon, besides the beacon's own; modules that are not known any more have none.</summary>
    public IReadOnlyList<string> HostsOn(string fqdn, IEnumerable<string> ids) =>
        [.. ids.Select(id => TryFind(id, out var module) ? module.HostOn(fqdn) : null).OfType<string>().Where(host => host != fqdn)];

    /// <summary>Reads every folder below <paramref name="folder"/> but the runner's. All errors are told, not the first alone.</summary>
    public static CatalogueOutcome Load(string folder)
    {
        var modules = new SortedDictionary<string, Module>(StringComparer.Ordinal);
        var errors = new List<ModuleError>();
        var volumes = Directory.GetFiles(folder, "*.volume", SearchOption.AllDirectories).Select(path => Path.GetFileName(path)).ToHashSet(StringComparer.Ordinal);
        foreach (var path in Directory.GetDirectories(folder).Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(path);
            if (name == "runner") continue;
            if (!File.Exists(Path.Combine(path, "module.yaml")))
            {
                errors.Add(new ModuleError(name, "has no module.yaml"));
                continue;
            }

            var (module, wrong) = ManifestReader.Read(path, volumes);
            errors.AddRange(wrong);
            if (module is not null) modules.Add(name, module);
        }

        if (errors.Count == 0) errors.AddRange(CheckTogether(folder, modules));
        return new CatalogueOutcome(errors.Count == 0 ? new ModuleCatalogue(modules) : null, errors);
    }

    /// <summary>
    /// The core in its fixed order, then the wanted modules and all that they require, each after what it requires and
    /// otherwise in the order in which they were wanted. The same wish gives the same plan.
    /// </summary>
    public PlanOutcome Plan(IEnumerable<string> appModules)
    {
        var order = new ModuleOrder(_modules);
        foreach (var id in CoreOrder.Concat(appModules)) order.Add(id);
        return new PlanOutcome(order.Error is null ? order.Sorted : null, order.Error);
    }

    /// <summary>What keeps a beacon with these modules from being delivered: what is withheld or not there, also among what they require. Empty when nothing does.</summary>
    public IReadOnlyList<Lack> Lacking(IReadOnlyCollection<string> appModules)
    {
        var unknown = appModules.Where(id => !Contains(id)).Select(id => new Lack(id, id, "It is not there yet.")).ToList();
        if (unknown.Count > 0) return unknown;
        return [.. (Plan(appModules).Modules ?? []).Where(m => m.Withheld is not null).Select(m => new Lack(m.Id.Value, m.Name, m.Withheld!))];
    }

    /// <summary>Whether a beacon with these modules can be sold.</summary>
    public bool CanDeliver(IReadOnlyCollection<string> appModules) => Lacking(appModules).Count == 0;

    private static IEnumerable<ModuleError> CheckTogether(string folder, SortedDictionary<string, Module> modules)
    {
        var order = new ModuleOrder(modules);
        foreach (var id in CoreOrder.Concat(modules.Keys)) order.Add(id);
        if (order.Error is not null) yield return order.Error;
        for (var i = 0; i < CoreOrder.Count && order.Error is null; i++)
        {
            if (order.Sorted[i].Id.Value != CoreOrder[i]) yield return new ModuleError(CoreOrder[i], "the core cannot come in its fixed order");
        }

        foreach (var clash in modules.Values.Where(m => m.Subdomain is not null).GroupBy(m => m.Subdomain).Where(g => g.Count() > 1))
            yield return new ModuleError(clash.Last().Id.Value, $"the subdomain '{clash.Key}' is {clash.First().Id}'s");
        foreach (var clash in modules.Values.SelectMany(m => m.Secrets.Select(s => (Secret: s, m.Id))).GroupBy(s => s.Secret).Where(g => g.Count() > 1))
            yield return new ModuleError(clash.Last().Id.Value, $"the secret '{clash.Key}' is {clash.First().Id}'s");

        foreach (var module in modules.Values)
        {
            // Words may point only to the module itself, to the core, and to what it requires: only these are surely on the beacon.
            var near = modules.Values.Where(m => m.Id == module.Id || m.IsCore || module.Requires.Contains(m.Id)).ToList();
            foreach (var (file, text) in Texts(Path.Combine(folder, module.Id.Value), module))
            {
                foreach (var word in Word().Matches(text).Select(m => m.Groups[1].Value))
                {
                    if (!Means(word, near)) yield return new ModuleError($"{module.Id}/{file}", $"${{{word}}} means nothing, or belongs to a module that is not required");
                }
            }
        }
    }

    /// <summary>Everything of a module in which the runner replaces words.</summary>
    private static IEnumerable<(string File, string Text)> Texts(string folder, Module module)
    {
        foreach (var (_, value) in module.Environment) yield return ("module.yaml", value);
        var files = Path.Combine(folder, "files");
        foreach (var path in Directory.Exists(files) ? Directory.GetFiles(files) : []) yield return ($"files/{Path.GetFileName(path)}", File.ReadAllText(path));
        var route = Path.Combine(folder, "route.caddy");
        if (File.Exists(route)) yield return ("route.caddy", File.ReadAllText(route));
    }

    private static bool Means(string word, List<Module> near) => word.Split(':', 2) switch
    {
        ["beacon" or "admin_email" or "host" or "url"] => true,
        ["host" or "url", var id] => near.Any(m => m.Id.Value == id && m.Subdomain is not null),
        ["secret" or "secret32" or "secret_base64", var name] => near.Any(m => m.Secrets.Contains(name)),
        _ => false,
    };

    [GeneratedRegex(@"\$\{([^}]*)\}")]
    private static partial Regex Word();
}

/// <param name="Reason">One sentence for customers.</param>
public sealed record Lack(string Id, string Name, string Reason);

/// <summary>A catalogue, or everything that is wrong with the modules.</summary>
public sealed record CatalogueOutcome(ModuleCatalogue? Catalogue, IReadOnlyList<ModuleError> Errors)
{
    [MemberNotNullWhen(true, nameof(Catalogue))]
    public bool IsSuccess => Catalogue is not null;
}

/// <summary>Modules in the order of their installation, or why there is none.</summary>
public sealed record PlanOutcome(IReadOnlyList<Module>? Modules, ModuleError? Error)
{
    [MemberNotNullWhen(true, nameof(Modules))]
    [MemberNotNullWhen(false, nameof(Error))]
    public bool IsSuccess => Modules is not null;
}
