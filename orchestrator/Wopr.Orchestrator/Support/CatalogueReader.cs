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
        document = document.ReplaceLineEndings("\n");
        foreach (var raw in Split(document))
        {
            var entry = Build(document, raw);
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
        foreach (var line in Lines(document, 0, document.Length))
        {
            number++;
            var text = document.AsSpan(line);
            if (text.StartsWith("```")) fenced = !fenced;
            var heading = fenced || !text.StartsWith('#') ? Match.Empty : Heading().Match(text.ToString());
            if (!heading.Success) continue;

            open?.End = line.Start.Value;
            var title = heading.Groups["text"].Value.Trim();
            var isArea = heading.Groups["marks"].Length < 3;
            if (isArea) area = title;
            open = isArea ? null : new RawEntry(number, area, title, line.Start.Value) { End = document.Length };
            if (open is not null && EntryTitle().IsMatch(title)) entries.Add(open);
        }

        if (fenced) throw Wrong(number, "a code fence is not closed");
        return entries;
    }

    /// <summary>Where each line of a part of the document stands, without its end.</summary>
    private static IEnumerable<Range> Lines(string document, int start, int end)
    {
        while (start < end)
        {
            var length = document.AsSpan(start, end - start).IndexOf('\n');
            var stop = length < 0 ? end : start + length;
            yield return start..stop;
            start = stop + 1;
        }
    }

    private static ErrorEntry Build(string document, RawEntry raw)
    {
        var title = EntryTitle().Match(raw.Title);
        var parts = PartsOf(document, raw);
        string Text(string name)
        {
            var text = document.AsSpan(parts[name].Start..parts[name].End).Trim();
            return text.IsEmpty ? throw Wrong(parts[name].Line, $"{raw.Title}: the part {name} is empty") : text.ToString();
        }

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
            string.Concat(document.AsSpan(raw.Start..raw.End).Trim(), "\n"));
    }

    private static Dictionary<string, Part> PartsOf(string document, RawEntry raw)
    {
        var parts = new List<Part>();
        var fenced = false;
        var number = raw.Line;
        foreach (var line in Lines(document, raw.Start, raw.End).Skip(1))
        {
            number++;
            var text = document.AsSpan(line);
            if (text.StartsWith("```")) fenced = !fenced;
            var start = fenced || !text.StartsWith('*') ? Match.Empty : PartStart().Match(text.ToString());
            if (start.Success)
            {
                parts.LastOrDefault()?.End = line.Start.Value;
                parts.Add(new Part(start.Groups["name"].Value, number, line.Start.Value + start.Length) { End = raw.End });
            }
            else if (parts.Count == 0 && !text.IsEmpty) throw Wrong(number, $"{raw.Title}: text before the first part");
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

    /// <param name="Line">Of its heading.</param>
    /// <param name="Start">Where its heading begins in the document.</param>
    private sealed record RawEntry(int Line, string Area, string Title, int Start)
    {
        /// <summary>Where the next heading begins, or the end of the document.</summary>
        public required int End { get; set; }
    }

    /// <param name="Start">Where its text begins in the document.</param>
    private sealed record Part(string Name, int Line, int Start)
    {
        public required int End { get; set; }
    }

    [GeneratedRegex("^(?<marks>#{1,3}) (?<text>.+)$", RegexOptions.ExplicitCapture)]
    private static partial Regex Heading();

    [GeneratedRegex("^(?<code>[A-Z]{2,12}-[0-9]{3}): (?<title>.+)$", RegexOptions.ExplicitCapture)]
    private static partial Regex EntryTitle();

    [GeneratedRegex(@"^\*\*(?<name>[A-Z][a-z]+)\.\*\* ?", RegexOptions.ExplicitCapture)]
    private static partial Regex PartStart();

    [GeneratedRegex(@"^`(?<name>[a-z-]+)` \((?<tier>automatic|approval|human)\): (?<summary>.+)$", RegexOptions.ExplicitCapture)]
    private static partial Regex RemedyText();

    [GeneratedRegex(
        @"^- What happened: (?<happened>.+)\n- What we do: (?<we>.+)\n- What you can do: (?<you>.+)$",
        RegexOptions.ExplicitCapture | RegexOptions.Singleline)]
    private static partial Regex Wording();
}
