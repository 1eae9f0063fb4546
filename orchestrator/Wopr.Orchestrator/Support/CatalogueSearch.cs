using System.Text;

namespace Wopr.Support;

/// <summary>Free-text search over the catalogue: every word must occur; where it occurs decides the rank.</summary>
public static class CatalogueSearch
{
    private const int CodeWeight = 100;
    private const int SignatureWeight = 60;
    private const int TitleWeight = 20;
    private const int SymptomWeight = 6;
    private const int BodyWeight = 1;
    private const int LongestQuery = 2000;

    /// <summary>
    /// The entries that fit, best first. A line of a log that shows a signature finds its entry even when the words
    /// do not; of a query longer than 2000 characters only the start is read.
    /// </summary>
    public static IReadOnlyList<ErrorEntry> Search(this ErrorCatalogue catalogue, string query)
    {
        var text = query.Length > LongestQuery ? query[..LongestQuery] : query;
        var words = Words(text);
        if (words.Count == 0) return [];
        return [.. catalogue.Entries
            .Select(entry => (entry, score: Score(entry, text, words)))
            .Where(hit => hit.score > 0)
            .OrderByDescending(hit => hit.score)
            .Select(hit => hit.entry)];
    }

    private static int Score(ErrorEntry entry, string text, List<string> words)
    {
        var score = entry.Signatures.Any(s => s.Matches(text)) ? SignatureWeight : 0;
        var sum = 0;
        foreach (var word in words)
        {
            var weight = Weight(entry, word);
            if (weight == 0) return score;
            sum += weight;
        }

        return score + sum;
    }

    private static int Weight(ErrorEntry entry, string word)
    {
        bool In(string text) => text.Contains(word, StringComparison.OrdinalIgnoreCase);
        if (In(entry.Code.Value)) return CodeWeight;
        if (In(entry.Title)) return TitleWeight;
        if (In(entry.Symptom)) return SymptomWeight;
        return In(entry.Markdown) ? BodyWeight : 0;
    }

    private static List<string> Words(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        foreach (var c in text + " ")
        {
            if (char.IsLetterOrDigit(c) || c == '-')
            {
                word.Append(c);
                continue;
            }

            if (word.Length > 1) words.Add(word.ToString());
            word.Clear();
        }

        return words;
    }
}
