using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Wopr.Templating.Values;

namespace Wopr.Templating.Functions;

/// <summary>Writes JSON that is neutral wherever a template may put it; see <see cref="Quoting.Json"/>.</summary>
internal sealed class JsonWriter
{
    private const int MaximumDepth = 32;
    private const int MaximumLength = 1_048_576;

    private static readonly SearchValues<char> _plain = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 !#%()*+,-./:;=?@[]^_|~");

    private readonly StringBuilder _json = new();

    public override string ToString() => _json.ToString();

    /// <summary>Appends a value, or says why it cannot.</summary>
    public bool TryWrite(object? value, [NotNullWhen(false)] out string? problem, int depth = 0)
    {
        if (!Value.TryFrom(value, out var known, out problem))
            return false;
        if (depth > MaximumDepth)
            problem = $"the value nests deeper than {MaximumDepth}";
        else if (_json.Length > MaximumLength)
            problem = "the value is too long";
        else if (known is string text)
            WriteString(text, ref problem);
        else if (known is ListValue list)
            WriteList(list, ref problem, depth);
        else if (known is ObjectValue members)
            WriteObject(members, ref problem, depth);
        else
            _json.Append(known is null ? "null" : Value.TryToText(known, out var plain, out problem) ? plain : "");

        return problem is null;
    }

    private void WriteString(string text, ref string? problem)
    {
        if (!Quoting.IsWellFormed(text))
            problem = Quoting.HalfLetter;

        _json.Append('"');
        foreach (var letter in text)
        {
            if (_plain.Contains(letter))
                _json.Append(letter);
            else
                _json.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}");
        }

        _json.Append('"');
    }

    private void WriteList(ListValue list, ref string? problem, int depth)
    {
        _json.Append('[');
        for (var index = 0; index < list.Count && problem is null; index++)
        {
            _json.Append(index == 0 ? "" : ", ");
            TryWrite(list[index], out problem, depth + 1);
        }

        _json.Append(']');
    }

    /// <summary>Blanks stand inside the braces, so that nested ones never become <c>}}</c>.</summary>
    private void WriteObject(ObjectValue members, ref string? problem, int depth)
    {
        _json.Append('{');
        var separator = " ";
        foreach (var name in members.Names.Order(StringComparer.Ordinal))
        {
            _json.Append(separator);
            separator = ", ";
            WriteString(name, ref problem);
            _json.Append(": ");
            if (problem is null && members.TryGet(name, out var member))
                TryWrite(member, out problem, depth + 1);
            if (problem is not null)
                return;
        }

        _json.Append(" }");
    }
}
