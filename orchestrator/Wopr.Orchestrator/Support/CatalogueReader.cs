using System.Text.RegularExpressions;

namespace Wopr.Support;

/// <summary>
/// Reads TROUBLESHOOTING.md. A <c>## heading</c> is an area, a <c>### CODE: Title</c> an entry, and a line that starts
/// with <c>**Name.**</c> one of its parts. Every entry has every part, in one order; code fences are left alone.
/// </summary>
internal static partial class CatalogueReader
{
    private static readonly string[] Parts =
        ["Symptom", "Signatures", "Cause", "Diagnosis", "Solution", "Remedy", "Customer", "Prevention"];

    /// <exception cref="InvalidDataException">An entry is incomplete or not understood; the message names the line.</exception>
    public static IReadOnlyList<ErrorEntry> Read(string document)
    {
        var entries = new List<ErrorEntry>();
        var seen = new HashSet<ErrorCode>();
        foreach (var raw in Split(document))
        {
            var entry = Build(raw);
            if (!seen.Add(entry.Code)) throw Wrong(raw.Line, $"{entry.Code} stands here a second time");
            entries.Add(entry);
        }

        return entries.Count > 0 ? entries : throw Wrong(1, "no entry found");
    }

    /// <summary>Cuts the document at its headings.</summary>
    private static List<RawEntry> Split(string document)
    {
        var entries = new List<RawEntry>();
        RawEntry? open = null;
        string area = "";
        var fenced = false;
        var number = 0;
        foreach (var line in document.ReplaceLineEndings("\n").Split('\n'))
        {
            number++;
            if (line.StartsWith("```", StringComparison.Ordinal)) fenced = !fenced;
            var heading = fenced || !line.StartsWith('#') ? Match.Empty : Heading().Match(line);
            if (!heading.Success)
            {
                open?.Lines.Add(line);
                continue;
            }

            var text = heading.Groups["text"].Value.Trim();
            var isArea = heading.Groups["marks"].Length < 3;
            if (isArea) area = text;
            open = isArea ? null : new RawEntry(number, area, text, [line]);
            if (open is not null && EntryTitle().IsMatch(text)) entries.Add(open);
        }

        if (fenced) throw Wrong(number, "a code fence is not closed");
        return entries;
    }

    private static ErrorEntry Build(RawEntry raw)
    {
        var title = EntryTitle().Match(raw.Title);
        var parts = PartsOf(raw);
        string Text(string name) => parts[name] is { Text.Length: > 0 } part
            ? part.Text
            : throw Wrong(parts[name].Line, $"{raw.Title}: the part {name} is empty");

        var (signatures, clues) = SignatureReader.Read(Text("Signatures"), why => Wrong(parts["Signatures"].Line, why));
        return new ErrorEntry(
            new ErrorCode(title.Groups["code"].Value),
            title.Groups["title"].Value,
            raw.Area,
            Text("Symptom"),
            signatures,
            clues,
            Text("Cause"),
            Text("Diagnosis"),
            Text("Solution"),
            RemedyOf(Text("Remedy"), parts["Remedy"].Line),
            WordingOf(Text("Customer"), parts["Customer"].Line),
            Text("Prevention"),
            string.Join('\n', raw.Lines).Trim() + "\n");
    }

    private static Dictionary<string, Part> PartsOf(RawEntry raw)
    {
        var parts = new List<Part>();
        var fenced = false;
        foreach (var (offset, line) in raw.Lines.Index().Skip(1))
        {
            if (line.StartsWith("```", StringComparison.Ordinal)) fenced = !fenced;
            var start = fenced || !line.StartsWith('*') ? Match.Empty : PartStart().Match(line);
            if (start.Success) parts.Add(new Part(start.Groups["name"].Value, raw.Line + offset, [start.Groups["text"].Value]));
            else if (parts.Count > 0) parts[^1].Lines.Add(line);
            else if (line.Length > 0) throw Wrong(raw.Line + offset, $"{raw.Title}: text before the first part");
        }

        if (!parts.Select(p => p.Name).SequenceEqual(Parts))
        {
            var wrong = parts.Zip(Parts).FirstOrDefault(p => p.First.Name != p.Second);
            var line = wrong.First?.Line ?? raw.Line;
            var expected = wrong.Second ?? Parts.ElementAtOrDefault(parts.Count) ?? "no further part";
            throw Wrong(line, $"{raw.Title}: expected the part {expected}, found {wrong.First?.Name ?? "the end of the entry"}");
        }

        return parts.ToDictionary(p => p.Name, StringComparer.Ordinal);
    }

    private static Remedy? RemedyOf(string text, int line)
    {
        if (text == "none") return null;
        var match = RemedyText().Match(OneLine(text));
        if (!match.Success) throw Wrong(line, "a remedy is `name` (automatic, approval or human): what it does");
        return new Remedy(
            match.Groups["name"].Value,
            Enum.Parse<RemedyTier>(match.Groups["tier"].Value, ignoreCase: true),
            match.Groups["summary"].Value);
    }

    private static CustomerWording WordingOf(string text, int line)
    {
        var match = Wording().Match(text);
        if (!match.Success) throw Wrong(line, "Customer needs the three items What happened, What we do, What you can do");
        string Sentence(string name) => OneLine(match.Groups[name].Value);
        return new CustomerWording(Sentence("happened"), Sentence("we"), Sentence("you"));
    }

    private static string OneLine(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static InvalidDataException Wrong(int line, string why) => new($"TROUBLESHOOTING.md, line {line}: {why}");

    private sealed record RawEntry(int Line, string Area, string Title, List<string> Lines);

    private sealed record Part(string Name, int Line, List<string> Lines)
    {
        public string Text { get => field ??= string.Join('\n', Lines).Trim(); }
    }

    [GeneratedRegex("^(?<marks>#{1,3}) (?<text>.+)$", RegexOptions.ExplicitCapture)]
    private static partial Regex Heading();

    [GeneratedRegex("^(?<code>[A-Z]{2,12}-[0-9]{3}): (?<title>.+)$", RegexOptions.ExplicitCapture)]
    private static partial Regex EntryTitle();

    [GeneratedRegex(@"^\*\*(?<name>[A-Z][a-z]+)\.\*\* ?(?<text>.*)$", RegexOptions.ExplicitCapture)]
    private static partial Regex PartStart();

    [GeneratedRegex(@"^`(?<name>[a-z-]+)` \((?<tier>automatic|approval|human)\): (?<summary>.+)$", RegexOptions.ExplicitCapture)]
    private static partial Regex RemedyText();

    [GeneratedRegex(
        @"^- What happened: (?<happened>.+)\n- What we do: (?<we>.+)\n- What you can do: (?<you>.+)$",
        RegexOptions.ExplicitCapture | RegexOptions.Singleline)]
    private static partial Regex Wording();
}
