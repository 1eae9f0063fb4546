using System.Globalization;
using System.Text;
using Wopr.Templating.Values;

namespace Wopr.Templating.Functions;

/// <summary>
/// Turns values into text that one reader takes back as exactly that value and nothing more. Whatever customers type
/// goes into a template through one of these. Each result is one line and holds no <c>{{</c> and no <c>}}</c>.
/// </summary>
public static class Quoting
{
    /// <summary>
    /// A JSON value, with its quotes: strings, numbers, bools, null, lists and objects, whose members are in order of
    /// their names. ASCII; besides the outer quotes, strings hold no letter that HTML, a single-quoted shell word or a
    /// here-document would take for its own.
    /// </summary>
    public static QuotingOutcome Json(object? value)
    {
        var writer = new JsonWriter();
        return writer.TryWrite(value, out var problem) ? QuotingOutcome.Success(writer.ToString()) : QuotingOutcome.Failure(problem);
    }

    /// <summary>
    /// A YAML scalar: strings in double quotes, in ASCII with escapes, so that they stay strings whatever they look
    /// like; whole numbers, decimals, bools and null plainly.
    /// </summary>
    public static QuotingOutcome Yaml(object? value)
    {
        if (!Value.TryFrom(value, out var known, out var problem))
            return QuotingOutcome.Failure(problem);

        return known switch
        {
            null => QuotingOutcome.Success("null"),
            string text => IsWellFormed(text) ? QuotingOutcome.Success(YamlString(text)) : QuotingOutcome.Failure(HalfLetter),
            // YAML 1.1 takes a number such as 1E+16 for a string.
            double number when number.ToString(CultureInfo.InvariantCulture).Any(letter => !char.IsAsciiDigit(letter) && letter is not ('.' or '-'))
                => QuotingOutcome.Failure("a number this large or small has no plain form"),
            ListValue or ObjectValue => QuotingOutcome.Failure("`yaml` quotes one value, not a list or an object"),
            _ => Value.TryToText(known, out var plain, out problem) ? QuotingOutcome.Success(plain!) : QuotingOutcome.Failure(problem),
        };
    }

    /// <summary>
    /// One word for a POSIX shell, in single quotes. NUL cannot be in a word; a line end is refused, too, since the
    /// word may stand in text that is indented line by line. Letters beyond ASCII stay as they are.
    /// </summary>
    public static QuotingOutcome Shell(object? value)
    {
        if (!Value.TryToText(value, out var text, out var problem))
            return QuotingOutcome.Failure(problem);

        text ??= "";
        if (text.AsSpan().ContainsAny('\0', '\n', '\r'))
            return QuotingOutcome.Failure("a shell word holds no NUL and no line end here");

        return IsWellFormed(text) ? QuotingOutcome.Success(ShellWord(text)) : QuotingOutcome.Failure(HalfLetter);
    }

    internal const string HalfLetter = "the text holds half of a surrogate pair, which is no letter";

    internal static bool IsWellFormed(string text)
    {
        for (var at = 0; at < text.Length; at++)
        {
            if (!char.IsSurrogate(text[at]))
                continue;
            if (at + 1 == text.Length || !char.IsSurrogatePair(text[at], text[at + 1]))
                return false;

            at++;
        }

        return true;
    }

    private static string YamlString(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value is >= ' ' and < 0x7F && rune.Value is not ('"' or '\\' or '{' or '}'))
                quoted.Append((char)rune.Value);
            else if (rune.Value <= 0xFF)
                quoted.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}");
            else if (rune.IsBmp)
                quoted.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
            else
                quoted.Append(CultureInfo.InvariantCulture, $"\\U{rune.Value:x8}");
        }

        return quoted.Append('"').ToString();
    }

    private static string ShellWord(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('\'');
        var before = '\0';
        foreach (var letter in text)
        {
            // Two braces are parted by ending the quotes and starting them again: the shell joins both to one word.
            if (letter is '{' or '}' && letter == before)
                quoted.Append("''");

            quoted.Append(letter == '\'' ? @"'\''" : letter.ToString());
            before = letter;
        }

        return quoted.Append('\'').ToString();
    }
}
