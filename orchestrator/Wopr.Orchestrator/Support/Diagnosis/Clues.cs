using System.Text.RegularExpressions;

namespace Wopr.Support.Diagnosis;

/// <summary>What, besides its signatures, speaks for or against a code.</summary>
public sealed class Clues
{
    /// <summary>Lines that are seen with this code and with others too: alone they make it no more than possible.</summary>
    public List<Signature> Hints { get; } = [];

    /// <summary>What people say who see it.</summary>
    public List<WordClue> Words { get; } = [];

    /// <summary>How somebody told of it, in sentences: others use some of the same words.</summary>
    public List<string> Said { get; } = [];

    /// <summary>A line that shows one of these is about something else.</summary>
    public List<Signature> Unless { get; } = [];

    /// <summary>Seen after the last evidence, the trouble was over.</summary>
    public List<Signature> Cleared { get; } = [];

    /// <summary>The codes whose consequence this one often is.</summary>
    public List<ErrorCode> Follows { get; } = [];
}

/// <summary>
/// Ideas that stand together in a sentence, in any order: <c>callback|report + 404|not found + !caddy</c>. Every group
/// must be met by one of its alternatives, one that begins with <c>!</c> by none. An alternative is the beginning of a
/// word or of several; <c>=</c> before it means the whole of it. Case does not matter.
/// </summary>
public sealed class WordClue
{
    private readonly IReadOnlyList<string> wantedPatterns;
    private readonly IReadOnlyList<string> unwantedPatterns;

    private WordClue(string text, IReadOnlyList<string> groups, IReadOnlyList<string> wanted, IReadOnlyList<string> unwanted) =>
        (Text, Groups, wantedPatterns, unwantedPatterns) = (text, groups, wanted, unwanted);

    /// <summary>As it stands in the document.</summary>
    public string Text { get; }

    /// <summary>The alternatives of each group that is wanted, as they stand in the document.</summary>
    public IReadOnlyList<string> Groups { get; }

    /// <summary>Compiled when somebody first asks: no start needs them.</summary>
    public IReadOnlyList<Regex> Wanted => field ??= [.. wantedPatterns.Select(Compile)];

    public IReadOnlyList<Regex> Unwanted => field ??= [.. unwantedPatterns.Select(Compile)];

    /// <exception cref="ArgumentException">A group is empty, or there are fewer than two that are wanted.</exception>
    public static WordClue Parse(string text)
    {
        var groups = text.Split(" + ").Select(g => g.Trim()).ToList();
        var wanted = groups.FindAll(g => !g.StartsWith('!'));
        if (wanted.Count < 2) throw new ArgumentException($"'{text}' needs two groups, joined by ' + '", nameof(text));
        return new WordClue(text, wanted, [.. wanted.Select(PatternOf)], [.. groups.Where(g => g.StartsWith('!')).Select(g => PatternOf(g[1..]))]);
    }

    public bool IsIn(string sentence)
    {
        try
        {
            return Wanted.All(w => w.IsMatch(sentence)) && !Unwanted.Any(w => w.IsMatch(sentence));
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }

    /// <summary>False when no sentence of the text can hold all of it; true when one may.</summary>
    public bool MayBeIn(string text)
    {
        try
        {
            return Wanted.All(w => w.IsMatch(text));
        }
        catch (RegexMatchTimeoutException)
        {
            return true;
        }
    }

    private static Regex Compile(string pattern) => new(pattern, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, Signature.MatchLimit);

    private static string PatternOf(string group)
    {
        var alternatives = Sentences.Plain(group).Split('|').Select(a => a.Trim()).ToList();
        if (alternatives.Any(a => a.TrimStart('=').Length == 0)) throw new ArgumentException($"'{group}' has an empty alternative", nameof(group));
        var patterns = alternatives.Select(a => a.StartsWith('=') ? Escape(a[1..]) + @"(?![\w])" : Escape(a));
        return $@"(?<![\w])(?:{string.Join('|', patterns)})";
    }

    private static string Escape(string words) => Regex.Escape(words).Replace("\\ ", @"[\s_-]+", StringComparison.Ordinal);
}
