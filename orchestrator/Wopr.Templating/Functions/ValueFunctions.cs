using System.Globalization;

namespace Wopr.Templating.Functions;

/// <summary><c>math.…</c>, <c>html.escape</c> and <c>object.default</c>, as in Scriban.</summary>
internal static class ValueFunctions
{
    public static IReadOnlyList<Function> All { get; } =
    [
        new("math.ceil", 1, 1, call => Math.Ceiling(call.Number(0))),
        new("math.floor", 1, 1, call => Math.Floor(call.Number(0))),
        new("math.round", 1, 2, call => Round(call)),
        new("math.format", 2, 2, Format),
        new("html.escape", 1, 1, call => call.Text(0) is { } text ? System.Net.WebUtility.HtmlEncode(text) : null),
        new("object.default", 2, 2, call => call[0] is null or "" ? call[1] : call[0]),
    ];

    private static double Round(Arguments call)
    {
        var digits = call.Has(1) ? call.Integer(1) : 0;
        return digits is >= 0 and <= 15 ? Math.Round(call.Number(0), digits) : throw call.Fault("it rounds to 0 to 15 digits");
    }

    /// <summary>Only plain patterns such as <c>0.00</c> or <c>#,##0</c>: others could ask for a text without end.</summary>
    private static string Format(Arguments call)
    {
        var pattern = call.TextOrEmpty(1);
        if (pattern.Length is 0 or > 20 || pattern.Any(letter => letter is not ('0' or '#' or '.' or ',')))
            call.Refuse("the pattern is made of 0, #, dot and comma");

        return call[0] switch
        {
            int or long or double or decimal => ((IFormattable)call[0]!).ToString(pattern, CultureInfo.InvariantCulture),
            _ => throw call.Fault("argument 1 must be a number"),
        };
    }
}
