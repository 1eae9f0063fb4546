using System.Text.RegularExpressions;
using Wopr.Tests.Support;

namespace Wopr.Orchestrator.Tests.Support;

/// <summary>What the founders' own list of troubles shows of each, as it stands there.</summary>
internal static partial class SeedMessages
{
    /// <summary>
    /// Of each entry the whole error, every line of it alone, and the symptom. An entry that shows neither is met by its title.
    /// </summary>
    public static IReadOnlyList<(string Code, string Text)> All()
    {
        var document = Directory.EnumerateFiles(Path.Combine(Repository.Shared, "seeds"), "004_*").Select(File.ReadAllText).Single().ReplaceLineEndings("\n");
        var entries = Entry().Matches(document);
        entries.Count.ShouldBe(24);
        return [.. entries.SelectMany(entry => Texts(entry).Where(t => t.Length > 0).Distinct(StringComparer.Ordinal).Select(text => (entry.Groups["code"].Value, text)))];
    }

    private static IEnumerable<string> Texts(Match entry)
    {
        var (error, symptom) = (Error().Match(entry.Groups["body"].Value), Symptom().Match(entry.Groups["body"].Value));
        var whole = error.Groups["text"].Value.Trim();
        return error.Success || symptom.Success ? [whole, .. whole.Split('\n'), symptom.Groups["text"].Value] : [entry.Groups["title"].Value];
    }

    [GeneratedRegex(@"^### (?<code>[A-Z]+-[0-9]{3}): (?<title>.+)\n(?<body>[\s\S]*?)(?=^##|\z)", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Entry();

    [GeneratedRegex(@"\*\*Error[^\n]*\n```\n(?<text>[\s\S]*?)```", RegexOptions.ExplicitCapture)]
    private static partial Regex Error();

    [GeneratedRegex(@"\*\*Symptom:\*\* (?<text>[^\n]+)", RegexOptions.ExplicitCapture)]
    private static partial Regex Symptom();
}
