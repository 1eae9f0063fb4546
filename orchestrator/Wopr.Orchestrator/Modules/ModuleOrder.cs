namespace Wopr.Modules;

/// <summary>A depth-first topological sort: what a module requires comes before it, and nothing comes twice.</summary>
internal sealed class ModuleOrder(IReadOnlyDictionary<string, Module> modules)
{
    private readonly List<Module> _sorted = [];
    private readonly HashSet<string> _placed = new(StringComparer.Ordinal);
    private readonly List<string> _way = [];

    public IReadOnlyList<Module> Sorted => _sorted;

    /// <summary>The first thing that went wrong; what is sorted is of no use then.</summary>
    public ModuleError? Error { get; private set; }

    public void Add(string id)
    {
        if (Error is not null || _placed.Contains(id)) return;
        if (_way.Contains(id))
        {
            Error = new ModuleError(id, $"requires itself: {string.Join(" -> ", _way.SkipWhile(step => step != id).Append(id))}");
            return;
        }

        if (!modules.TryGetValue(id, out var module))
        {
            Error = new ModuleError(id, _way.Count == 0 ? "there is no such module" : $"'{_way[^1]}' requires it, and there is no such module");
            return;
        }

        _way.Add(id);
        foreach (var required in module.Requires) Add(required.Value);
        _way.RemoveAt(_way.Count - 1);
        if (Error is not null) return;
        _placed.Add(id);
        _sorted.Add(module);
    }
}
