using System.Collections;

namespace Wopr.Templating.Values;

/// <summary>A list of values. Its items are taken from the model as they are read.</summary>
internal sealed class ListValue(IList items) : IEnumerable<object?>
{
    public int Count => items.Count;

    /// <summary>An item as the model holds it; whoever uses it asks <see cref="Value.TryFrom"/>.</summary>
    public object? this[int index] => Value.TryFrom(items[index], out var value, out _) ? value : items[index];

    public IEnumerator<object?> GetEnumerator()
    {
        for (var index = 0; index < Count; index++)
            yield return this[index];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
