using System.Text.RegularExpressions;

namespace Wopr.Support.Diagnosis;

/// <summary>
/// The last resort for a description in somebody's own words: how much of what it says an entry says too, be it in its
/// text or in its clues, with rare words counting for more and words that no entry has speaking against all of them. It
/// never makes more than a low confidence, and only when one entry stands out.
/// </summary>
internal sealed partial class Likeness
{
    public const double Least = 0.28;
    private const double LeastLead = 1.3;
    private const double LeastWeight = 0.33;
    private const double MostWeight = 0.45;
    private const int FewestWords = 4;

    private static readonly HashSet<string> Empty =
    [
        "a", "an", "and", "are", "as", "at", "be", "been", "but", "by", "can", "cannot", "do", "does", "for", "from", "get", "gets", "had", "has", "have", "how", "i", "if", "in",
        "into", "is", "it", "its", "job", "beacon", "wopr", "me", "my", "no", "not", "of", "on", "one", "or", "our", "server", "service", "so", "that", "the", "their", "then", "there",
        "they", "this", "to", "was", "we", "were", "what", "when", "which", "who", "why", "will", "with", "you", "your", "error", "fail", "failed", "fails", "problem", "please", "help",
    ];

    private readonly List<(ErrorEntry Entry, Dictionary<string, double> Counts)> profiles;
    private readonly Dictionary<string, double> rarity;

    public Likeness(ErrorCatalogue catalogue)
    {
        profiles = [.. catalogue.Entries.Select(e => (e, Count([(3, e.Title), (2, e.Symptom), (1, e.Cause), (1, e.Customer.WhatHappened), .. e.Clues.Said.Select(s => (1, s)), .. e.Clues.Words.SelectMany(w => w.Groups).Select(g => (1, g))])))];
        rarity = profiles.SelectMany(p => p.Counts.Keys).GroupBy(w => w, StringComparer.Ordinal).ToDictionary(g => g.Key, g => Math.Pow(Rarity(g.Count()), 2), StringComparer.Ordinal);
    }

    public (ErrorCode Code, Evidence Evidence)? Best(string text, LogLine? line, double least = Least)
    {
        var words = Count((1, text)).Keys.ToList();
        if (line is null || words.Count < FewestWords) return null;
        var unknown = Math.Pow(Rarity(1), 2);
        var all = words.Sum(w => rarity.GetValueOrDefault(w, unknown));
        var ranked = profiles
            .Select(p => (p.Entry, Shared: words.FindAll(p.Counts.ContainsKey), p.Counts))
            .Select(p => (p.Entry, Score: p.Shared.Sum(w => rarity[w] * Math.Min(1, 0.5 + 0.5 * Math.Log(1 + p.Counts[w]))) / all, p.Shared))
            .OrderByDescending(r => r.Score).Take(2).ToList();
        var (best, second) = (ranked[0], ranked[1]);
        return best.Score >= least && best.Shared.Count >= FewestWords && best.Score >= LeastLead * second.Score
            ? (best.Entry.Code, new Evidence(line, EvidenceKind.Likeness, $"{best.Shared.Count} words of the entry", Math.Clamp(best.Score, LeastWeight, MostWeight)))
            : null;
    }

    private double Rarity(int entries) => Math.Log(1 + (double)profiles.Count / entries);

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
