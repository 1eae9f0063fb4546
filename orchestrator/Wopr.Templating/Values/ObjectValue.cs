using System.Collections;
using System.Globalization;

namespace Wopr.Templating.Values;

/// <summary>Something with named members.</summary>
internal abstract class ObjectValue
{
    /// <summary>All names, in no particular order.</summary>
    public abstract IEnumerable<string> Names { get; }

    /// <summary>A member as the model holds it; whoever uses it asks <see cref="Value.TryFrom"/>.</summary>
    public bool TryGet(string name, out object? member)
    {
        var found = TryGetRaw(name, out var raw);
        member = found && Value.TryFrom(raw, out var value, out _) ? value : raw;
        return found;
    }

    protected abstract bool TryGetRaw(string name, out object? raw);
}

/// <summary>A dictionary by name: names stay as they are.</summary>
internal sealed class DictionaryValue(IDictionary members) : ObjectValue
{
    public override IEnumerable<string> Names =>
        members.Keys.Cast<object>().Select(name => Convert.ToString(name, CultureInfo.InvariantCulture) ?? "");

    protected override bool TryGetRaw(string name, out object? raw)
    {
        var found = members.Contains(name);
        raw = found ? members[name] : null;
        return found;
    }
}

/// <summary>A dictionary by name that offers only reading.</summary>
internal sealed class ReadOnlyDictionaryValue(IReadOnlyDictionary<string, object?> members) : ObjectValue
{
    public override IEnumerable<string> Names => members.Keys;

    protected override bool TryGetRaw(string name, out object? raw) => members.TryGetValue(name, out raw);
}
