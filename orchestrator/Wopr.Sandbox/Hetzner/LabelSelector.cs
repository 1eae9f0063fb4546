using System.Text.RegularExpressions;

namespace Wopr.Sandbox.Hetzner;

/// <summary>
/// A parsed label selector: <c>k==v</c>, <c>k=v</c>, <c>k!=v</c>, <c>k</c>, <c>!k</c>, <c>k in (a,b)</c>,
/// <c>k notin (a,b)</c>; a comma outside parentheses is AND.
/// </summary>
public sealed partial class LabelSelector
{
    private readonly IReadOnlyList<Func<IReadOnlyDictionary<string, string>, bool>> terms;

    private LabelSelector(IReadOnlyList<Func<IReadOnlyDictionary<string, string>, bool>> terms) => this.terms = terms;

    public bool Matches(IReadOnlyDictionary<string, string> labels) => terms.All(term => term(labels));

    /// <summary>The selector, or null when the text is none. An empty text matches everything.</summary>
    public static LabelSelector? Parse(string text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return new LabelSelector([]);
        }

        var parsed = Split(text).Select(Term).ToList();
        return parsed.TrueForAll(term => term is not null) ? new LabelSelector(parsed!) : null;
    }

    private static IEnumerable<string> Split(string text)
    {
        var (start, depth) = (0, 0);
        for (var i = 0; i < text.Length; i++)
        {
            depth += text[i] switch { '(' => 1, ')' => -1, _ => 0 };
            if (text[i] == ',' && depth == 0)
            {
                yield return text[start..i].Trim();
                start = i + 1;
            }
        }

        yield return text[start..].Trim();
    }

    private static Func<IReadOnlyDictionary<string, string>, bool>? Term(string term)
    {
        if (SetTerm().Match(term) is { Success: true } set)
        {
            var values = set.Groups["values"].Value.Split(',').Select(value => value.Trim()).ToHashSet(StringComparer.Ordinal);
            var (key, within) = (set.Groups["key"].Value, set.Groups["op"].Value == "in");
            return !Labels.IsKey(key) || !values.All(Labels.IsValue) ? null
                : labels => within == (labels.TryGetValue(key, out var value) && values.Contains(value));
        }

        if (ValueTerm().Match(term) is { Success: true } equal)
        {
            var (key, wanted, same) = (equal.Groups["key"].Value, equal.Groups["value"].Value, equal.Groups["op"].Value != "!=");
            return !Labels.IsKey(key) || !Labels.IsValue(wanted) ? null
                : labels => same == (labels.TryGetValue(key, out var value) && value == wanted);
        }

        var (name, present) = term.StartsWith('!') ? (term[1..].Trim(), false) : (term, true);
        return Labels.IsKey(name) ? labels => labels.ContainsKey(name) == present : null;
    }

    [GeneratedRegex(@"^(?<key>\S+)\s+(?<op>in|notin)\s*\((?<values>[^()]+)\)\z")]
    private static partial Regex SetTerm();

    [GeneratedRegex(@"^(?<key>[^\s=!]+)\s*(?<op>==|=|!=)\s*(?<value>[^\s=!]*)\z")]
    private static partial Regex ValueTerm();
}
