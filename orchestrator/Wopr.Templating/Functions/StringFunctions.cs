namespace Wopr.Templating.Functions;

/// <summary><c>string.…</c>, as in Scriban: ordinal, culture-free, and null is mostly the empty string.</summary>
internal static class StringFunctions
{
    public static IReadOnlyList<Function> All { get; } =
    [
        new("string.upcase", 1, 1, call => call.Text(0)?.ToUpperInvariant()),
        new("string.downcase", 1, 1, call => call.Text(0)?.ToLowerInvariant()),
        new("string.capitalize", 1, 1, call => Capitalize(call.TextOrEmpty(0))),
        new("string.strip", 1, 1, call => call.Text(0)?.Trim()),
        new("string.lstrip", 1, 1, call => call.Text(0)?.TrimStart()),
        new("string.rstrip", 1, 1, call => call.Text(0)?.TrimEnd()),
        new("string.append", 2, 2, call => call.TextOrEmpty(0) + call.TextOrEmpty(1)),
        new("string.prepend", 2, 2, call => call.TextOrEmpty(1) + call.TextOrEmpty(0)),
        new("string.replace", 3, 3, Replace),
        new("string.contains", 2, 2, call => Holds(call, (text, part) => text.Contains(part, StringComparison.Ordinal))),
        new("string.starts_with", 2, 2, call => Holds(call, (text, part) => text.StartsWith(part, StringComparison.Ordinal))),
        new("string.ends_with", 2, 2, call => Holds(call, (text, part) => text.EndsWith(part, StringComparison.Ordinal))),
        new("string.size", 1, 1, call => call.TextOrEmpty(0).Length),
        new("string.slice", 2, 3, Slice),
        new("string.split", 2, 2, Split),
        new("string.truncate", 2, 3, Truncate),
        new("string.pad_left", 2, 2, call => call.TextOrEmpty(0).PadLeft(Width(call))),
        new("string.pad_right", 2, 2, call => call.TextOrEmpty(0).PadRight(Width(call))),
    ];

    private static string Capitalize(string text) =>
        text.Length == 0 || char.IsUpper(text[0]) ? text : char.ToUpperInvariant(text[0]) + text[1..];

    private static string Replace(Arguments call)
    {
        var (text, match, replacement) = (call.TextOrEmpty(0), call.TextOrEmpty(1), call.TextOrEmpty(2));
        if (text.Length == 0)
            return "";
        if (match.Length == 0)
            call.Refuse("there is nothing in an empty string to look for");
        if ((long)text.Length / match.Length * replacement.Length >= call.Limits.OutputLength)
            call.Refuse("the result would be too long");

        return text.Replace(match, replacement, StringComparison.Ordinal);
    }

    private static bool Holds(Arguments call, Func<string, string, bool> test)
    {
        var (text, part) = (call.TextOrEmpty(0), call.TextOrEmpty(1));
        return text.Length > 0 && part.Length > 0 && test(text, part);
    }

    private static string Slice(Arguments call)
    {
        var text = call.TextOrEmpty(0);
        var start = call.Integer(1);
        var length = call.Has(2) ? call.Integer(2) : text.Length;
        if (length < 0)
            call.Refuse("a length is not negative");
        if (start >= text.Length)
            return "";

        // A negative start counts from the end; what would lie before the beginning is cut off.
        var from = start < 0 ? (long)start + text.Length : start;
        var to = Math.Min(from + length, text.Length);
        return text[(int)Math.Max(from, 0)..(int)Math.Max(to, 0)];
    }

    private static Values.ListValue Split(Arguments call)
    {
        var (text, separator) = (call.TextOrEmpty(0), call.TextOrEmpty(1));
        return text.Length == 0 || separator.Length == 0
            ? new Values.ListValue(text.Length == 0 ? Array.Empty<string>() : new[] { text })
            : new Values.ListValue(text.Split(separator, StringSplitOptions.RemoveEmptyEntries));
    }

    private static string Truncate(Arguments call)
    {
        var (text, length, ellipsis) = (call.TextOrEmpty(0), call.Integer(1), call.Text(2) ?? "...");
        return text.Length <= length ? text : text[..Math.Max(length - ellipsis.Length, 0)] + ellipsis;
    }

    private static int Width(Arguments call)
    {
        var width = call.Integer(1);
        return width is >= 0 and <= MaximumWidth ? width : throw call.Fault($"a width lies between 0 and {MaximumWidth}");
    }

    private const int MaximumWidth = 1000;
}
