using System.Text.RegularExpressions;

namespace Wopr.Support.Diagnosis;

/// <summary>
/// The last resort for a description in somebody's own words: how much of what it says an entry says too, with rare
/// words counting for more. It never makes more than a low confidence, and only when one entry stands out.
/// </summary>
internal sealed partial class Likeness
{
    private const double Least = 0.34;
    private const double LeastLead = 1.3;
    private const double MostWeight = 0.45;
    private const int FewestWords = 3;

    private static readonly HashSet<string> Empty =
    [
        "a", "an", "and", "are", "as", "at", "be", "been", "but", "by", "can", "cannot", "do", "does", "for", "from", "get", "gets", "had", "has", "have", "how", "i", "if", "in",
        "into", "is", "it", "its", "job", "beacon", "wopr", "me", "my", "no", "not", "of", "on", "one", "or", "our", "server", "service", "so", "that", "the", "their", "then", "there",
        "they", "this", "to", "was", "we", "were", "what", "when", "which", "who", "why", "will", "with", "you", "your", "error", "fail", "failed", "fails", "problem", "please", "help",
    ];

    private readonly List<(ErrorEntry Entry, Dictionary<string, double> Words, double Norm)> profiles = [];
    private readonly Dictionary<string, double> rarity;

    public Likeness(ErrorCatalogue catalogue)
    {
        var counted = catalogue.Entries.Select(e => (Entry: e, Counts: Count((3, e.Title), (2, e.Symptom), (1, e.Cause), (1, e.Customer.WhatHappened)))).ToList();
        rarity = counted.SelectMany(c => c.Counts.Keys).GroupBy(w => w, StringComparer.Ordinal).ToDictionary(g => g.Key, g => Math.Log(1 + (double)counted.Count / g.Count()), StringComparer.Ordinal);
        foreach (var (entry, counts) in counted)
        {
            var words = counts.ToDictionary(c => c.Key, c => (1 + Math.Log(c.Value)) * rarity[c.Key], StringComparer.Ordinal);
            profiles.Add((entry, words, Math.Sqrt(words.Values.Sum(v => v * v))));
        }
    }

    public (ErrorCode Code, Evidence Evidence)? Best(string text, LogLine? line)
    {
        var words = Count((1, text));
        if (line is null || words.Count < FewestWords) return null;
        // A word that no entry has speaks against all of them.
        var unknown = Math.Log(1 + (double)profiles.Count);
        var weights = words.ToDictionary(w => w.Key, w => rarity.GetValueOrDefault(w.Key, unknown), StringComparer.Ordinal);
        var norm = Math.Sqrt(weights.Values.Sum(v => v * v));
        var ranked = profiles
            .Select(p => (p.Entry, Score: weights.Sum(w => w.Value * p.Words.GetValueOrDefault(w.Key)) / (norm * p.Norm), Shared: weights.Keys.Count(p.Words.ContainsKey)))
            .OrderByDescending(r => r.Score).Take(2).ToList();
        var (best, second) = (ranked[0], ranked[1]);
        return best.Score >= Least && best.Shared >= FewestWords && best.Score >= LeastLead * second.Score
            ? (best.Entry.Code, new Evidence(line, EvidenceKind.Likeness, $"{best.Shared} words of the entry", Math.Min(MostWeight, best.Score)))
            : null;
    }

    private static Dictionary<string, double> Count(params (int Weight, string Text)[] texts)
    {
        var counts = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var (weight, text) in texts)
        {
            foreach (Match match in Word().Matches(text.ToLowerInvariant()))
            {
                if (Empty.Contains(match.Value)) continue;
                var stem = Stem(match.Value);
                counts[stem] = counts.GetValueOrDefault(stem) + weight;
            }
        }
        return counts;
    }

    /// <summary>Enough to bring "resolving", "resolved" and "resolves" together.</summary>
    private static string Stem(string word)
    {
        foreach (var ending in (string[])["ations", "ation", "ings", "ing", "ied", "ies", "edly", "ed", "es", "s", "e"])
        {
            if (word.Length - ending.Length >= 3 && word.EndsWith(ending, StringComparison.Ordinal)) return word[..^ending.Length];
        }
        return word;
    }

    [GeneratedRegex("[a-z][a-z0-9]+|[0-9]{3}")]
    private static partial Regex Word();
}
