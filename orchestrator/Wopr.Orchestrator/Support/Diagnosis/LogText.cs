using System.Text;
using System.Text.RegularExpressions;

namespace Wopr.Support.Diagnosis;

/// <summary>
/// A log or a description as somebody sent it, made harmless: cut to size, freed of control and invisible characters,
/// and with secrets and personal data masked. Nothing in it is ever carried out; it is only compared with patterns.
/// </summary>
public sealed partial class LogText
{
    /// <summary>The most characters that are accepted; more is refused, not cut (SUPPORT-003).</summary>
    public const int LargestInput = 512 * 1024;

    /// <summary>Characters that are looked at: of a longer log the start and, mostly, the end.</summary>
    public const int LargestLookedAt = 256 * 1024;

    /// <summary>Characters of one line that are looked at.</summary>
    public const int LongestLine = 2000;

    private const int Head = 64 * 1024;
    private const int LongestProse = 1500;
    private const int MostProseLines = 12;

    private LogText(IReadOnlyList<LogLine> lines, bool isCut)
    {
        Lines = lines;
        IsCut = isCut;
        Whole = string.Join('\n', lines.Select(l => l.Text));
    }

    /// <summary>Numbered from 1 as they stood in what was sent.</summary>
    public IReadOnlyList<LogLine> Lines { get; }

    /// <summary>All lines, for a first look.</summary>
    public string Whole { get; }

    /// <summary>The middle, or the end of some lines, was not looked at.</summary>
    public bool IsCut { get; }

    /// <summary>Short enough to be somebody's own words rather than a machine's.</summary>
    public bool IsProse => Whole.Length <= LongestProse && Lines.Count <= MostProseLines;

    public static LogText Read(string source, string text)
    {
        var cut = text.Length > LargestLookedAt;
        var parts = cut
            ? Split(text[..Head]).Select((l, i) => (i + 1, l)).Concat(Tail(text))
            : Split(text).Select((l, i) => (i + 1, l));
        var lines = new List<LogLine>();
        foreach (var (number, raw) in parts)
        {
            cut |= raw.Length > LongestLine;
            var line = Clean(raw.Length > LongestLine ? raw[..LongestLine] : raw);
            if (line.Length > 0) lines.Add(new LogLine(source, number, line));
        }
        return new LogText(lines, cut);
    }

    /// <summary>Facts that this service knows itself, one a line.</summary>
    public static LogText Of(IEnumerable<LogLine> lines) => new([.. lines.Select(l => l with { Text = Clean(Masking.Apply(l.Text)) })], false);

    /// <summary>
    /// A few words that somebody gave as a reason or a summary, masked and freed of what no reader should meet: control
    /// characters, which PostgreSQL refuses or a terminal obeys, and marks with which text reads otherwise than it is.
    /// </summary>
    public static string Harmless(string words) => string.Join('\n', Masking.Apply(words.ReplaceLineEndings("\n")).Split('\n').Select(Clean)).Trim();

    /// <summary>What both say, one after the other.</summary>
    public LogText Then(LogText other) => new([.. Lines, .. other.Lines], IsCut || other.IsCut);

    private static IEnumerable<(int, string)> Tail(string text)
    {
        var from = text.Length - (LargestLookedAt - Head);
        var first = text.AsSpan(0, from).Count('\n') + 1;
        return Split(text[from..]).Select((l, i) => (first + i, l));
    }

    /// <summary>Masked as a whole, for a private key spans lines; but of a line only what is looked at.</summary>
    private static string[] Split(string text)
    {
        var lines = text.Replace("\r\n", "\n", StringComparison.Ordinal).Split('\n').Select(l => l.Length > LongestLine + 1 ? l[..(LongestLine + 1)] : l);
        return Masking.Apply(string.Join('\n', lines)).Split('\n');
    }

    private static string Clean(string line)
    {
        line = Escapes().Replace(line, "");
        var clean = new StringBuilder(line.Length);
        foreach (var c in line.TrimEnd('\r'))
        {
            if (c == '\r') clean.Append("^M");
            else if (c == '\t') clean.Append(' ');
            else if (char.IsControl(c) || IsInvisible(c)) continue;
            else clean.Append(c switch { '\u2018' or '\u2019' => '\'', '\u201c' or '\u201d' => '"', '\u00a0' => ' ', _ => c });
        }
        return clean.ToString().TrimEnd();
    }

    /// <summary>Zero-width and direction marks, with which text can be made to read otherwise than it is.</summary>
    private static bool IsInvisible(char c) => c is (>= '\u200b' and <= '\u200f') or (>= '\u202a' and <= '\u202e') or (>= '\u2060' and <= '\u206f') or '\ufeff' or '\u00ad';

    [GeneratedRegex(@"\x1b(\[[0-9;?]*[A-Za-z]|\][^\x07\x1b]{0,200}(\x07|\x1b\\)|[()][A-Z0-9])", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Escapes();
}

/// <param name="Source">Where it stands: <c>log</c>, <c>text</c>, <c>timeline</c>, <c>job</c>, <c>provider</c>, <c>dns</c>, <c>mail</c>.</param>
/// <param name="Number">From 1, within its source.</param>
public sealed record LogLine(string Source, int Number, string Text);
