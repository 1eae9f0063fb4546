using Wopr.Templating.Syntax;
using Wopr.Templating.Values;

namespace Wopr.Templating.Rendering;

/// <summary>
/// What names stand for: the variables of the loops around, the innermost first; then what was assigned; then the model.
/// Includes see and change the same names.
/// </summary>
internal sealed class Scope(ObjectValue model)
{
    private readonly Stack<Loop> _loops = new();
    private readonly Dictionary<string, object?> _assigned = new(StringComparer.Ordinal);

    /// <summary>The innermost loop, if any is running.</summary>
    public Loop? CurrentLoop => _loops.TryPeek(out var loop) ? loop : null;

    public static Scope For(object model, Place place)
    {
        if (!Value.TryFrom(model, out var value, out _) || value is not ObjectValue names)
            throw new TemplateFault(place, "the model must be a dictionary or an object with properties");

        var hidden = names.Names.Order(StringComparer.Ordinal).FirstOrDefault(Words.IsReserved);
        return hidden is null
            ? new Scope(names)
            : throw new TemplateFault(place, $"the model's `{hidden}` would hide a word of the language");
    }

    public bool TryGet(string name, out object? value)
    {
        foreach (var loop in _loops)
        {
            if (loop.Variable == name)
            {
                value = loop.Item;
                return true;
            }
        }

        return _assigned.TryGetValue(name, out value) || model.TryGet(name, out value);
    }

    public void Assign(string name, object? value) => _assigned[name] = value;

    public Loop Enter(string variable, ListValue items)
    {
        var loop = new Loop(variable, items.Count);
        _loops.Push(loop);
        return loop;
    }

    public void Leave() => _loops.Pop();
}

/// <summary>A loop that is running.</summary>
internal sealed class Loop(string variable, int length)
{
    public string Variable { get; } = variable;

    public object? Item { get; private set; }

    public int Index { get; private set; } = -1;

    public void Step(object? item) => (Item, Index) = (item, Index + 1);

    /// <summary>What templates read as <c>for.…</c>.</summary>
    public object State(string name) => name switch
    {
        "index" => Index,
        "rindex" => length - Index - 1,
        "first" => Index == 0,
        "last" => Index == length - 1,
        "even" => Index % 2 == 0,
        "odd" => Index % 2 == 1,
        _ => length,
    };
}
