using System.Text;
using Wopr.Templating.Values;

namespace Wopr.Templating.Functions;

/// <summary><c>array.…</c>, as in Scriban. None of them changes a list; each gives a new one.</summary>
internal static class ArrayFunctions
{
    public static IReadOnlyList<Function> All { get; } =
    [
        new("array.size", 1, 1, call => call.List(0).Count),
        new("array.first", 1, 1, call => call.List(0) is { Count: > 0 } list ? list[0] : null),
        new("array.last", 1, 1, call => call.List(0) is { Count: > 0 } list ? list[list.Count - 1] : null),
        new("array.join", 2, 2, Join),
        new("array.contains", 2, 2, call => Contains(call)),
        new("array.reverse", 1, 1, call => new ListValue(call.List(0).Reverse().ToArray())),
        new("array.concat", 2, 2, call => new ListValue(call.List(0).Concat(call.List(1)).ToArray())),
        new("array.map", 2, 2, Map),
        new("array.sort", 1, 2, Sort),
    ];

    private static string Join(Arguments call)
    {
        var delimiter = call.TextOrEmpty(1);
        var joined = new StringBuilder();
        foreach (var item in call.List(0))
        {
            if (!Value.TryToText(item, out var text, out var problem))
                call.Refuse(problem);
            if (joined.Length + delimiter.Length + (text?.Length ?? 0) >= call.Limits.OutputLength)
                call.Refuse("the result would be too long");

            joined.Append(text).Append(delimiter);
        }

        return joined.Length == 0 ? "" : joined.ToString(0, joined.Length - delimiter.Length);
    }

    private static bool Contains(Arguments call)
    {
        var wanted = call[1];
        return wanted is ListValue or ObjectValue
            ? throw call.Fault("only strings, numbers, bools and null are looked for")
            : call.List(0).Any(item => Equals(item, wanted));
    }

    private static ListValue Map(Arguments call)
    {
        var name = call.TextOrEmpty(1);
        return new ListValue(call.List(0).Select(item => MemberOf(call, item, name)).ToArray());
    }

    private static ListValue Sort(Arguments call)
    {
        var items = call.List(0).ToArray();
        var name = call.Text(1);
        var keys = name is null ? items : items.Select(item => MemberOf(call, item, name)).ToArray();
        if (keys.Length > 0 && (keys.Any(key => key is null or ListValue or ObjectValue) || keys.DistinctBy(key => key!.GetType()).Count() > 1))
            call.Refuse("only strings, or only numbers of one kind, are put in order");

        return new ListValue(keys.Zip(items).OrderBy(pair => pair.First, _order).Select(pair => pair.Second).ToArray());
    }

    /// <summary>Strings by their code units, whatever the machine's language.</summary>
    private static readonly Comparer<object?> _order = Comparer<object?>.Create((left, right) =>
        left is string text ? string.CompareOrdinal(text, (string?)right) : Comparer<object?>.Default.Compare(left, right));

    private static object? MemberOf(Arguments call, object? item, string name) =>
        item is ObjectValue value && value.TryGet(name, out var member)
            ? member
            : throw call.Fault($"not every item has a member `{name}`");
}
