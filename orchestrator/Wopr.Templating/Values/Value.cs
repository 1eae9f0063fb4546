using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Wopr.Templating.Values;

/// <summary>
/// The values that templates know: null, bool, int, long, double, decimal, string, <see cref="ListValue"/> and
/// <see cref="ObjectValue"/>. Anything else in a model is refused rather than printed in a way nobody chose.
/// </summary>
internal static class Value
{
    /// <summary>Takes a value from a model, or says why templates do not know its kind.</summary>
    public static bool TryFrom(object? raw, out object? value, [NotNullWhen(false)] out string? problem)
    {
        problem = null;
        value = raw switch
        {
            null or bool or int or long or decimal or string or ListValue or ObjectValue => raw,
            double number when double.IsFinite(number) => raw,
            IDictionary dictionary => new DictionaryValue(dictionary),
            IReadOnlyDictionary<string, object?> dictionary => new ReadOnlyDictionaryValue(dictionary),
            IList list => new ListValue(list),
            _ when ReflectedValue.Accepts(raw.GetType()) => new ReflectedValue(raw),
            _ => null,
        };

        if (value is null && raw is not null)
            problem = $"a value of type {raw.GetType().Name} has no form in templates: give a string, a whole number, a decimal, a bool, a list, a dictionary or an object of your own";

        return problem is null;
    }

    /// <summary>The text a value prints, null for null; lists and objects have none.</summary>
    public static bool TryToText(object? raw, out string? text, [NotNullWhen(false)] out string? problem)
    {
        text = null;
        if (!TryFrom(raw, out var value, out problem))
            return false;

        (text, problem) = value switch
        {
            null => (null, null),
            string known => (known, null),
            bool known => (known ? "true" : "false", null),
            ListValue => (null, "a list has no text: join it, or loop over it"),
            ObjectValue => (null, "an object has no text: name a member of it"),
            _ => (((IFormattable)value).ToString(null, CultureInfo.InvariantCulture), (string?)null),
        };
        return problem is null;
    }

    /// <summary>Only null and false are false: the empty string and 0 are true.</summary>
    public static bool IsTrue(object? value) => value is not (null or false);

    /// <summary>What a value is, for messages.</summary>
    public static string KindOf(object? value) => value switch
    {
        null => "null",
        bool => "a bool",
        string => "a string",
        ListValue => "a list",
        ObjectValue => "an object",
        _ => "a number",
    };
}
