using System.Text.RegularExpressions;

namespace Wopr.Sandbox.Misbehaviour;

/// <summary>The scripted misbehaviour in force. The same rules, seeds and calls give the same strikes.</summary>
public sealed class Rulebook
{
    private readonly Lock gate = new();
    private readonly List<Entry> entries = [];
    private readonly AsyncLocal<string?> caller = new();

    public void Add(IEnumerable<Rule> rules)
    {
        lock (gate)
        {
            entries.AddRange(rules.Select(rule => new Entry(rule)));
        }
    }

    public void Clear()
    {
        lock (gate)
        {
            entries.Clear();
        }
    }

    /// <summary>All that is asked from here on, in this call, is asked for whoever called with this token.</summary>
    public void CalledWith(string token) => caller.Value = token;

    /// <summary>Every rule with the number of calls that it matched and that it struck.</summary>
    public IReadOnlyList<(Rule Rule, long Seen, long Struck)> All()
    {
        lock (gate)
        {
            return [.. entries.Select(entry => (entry.Rule, entry.Seen, entry.Struck))];
        }
    }

    /// <summary>The first rule of this kind that strikes this call now; it is counted as used.</summary>
    public Rule? Strike(Kind kind, string provider, string? method = null, string? path = null, Func<Rule, bool>? fits = null)
    {
        lock (gate)
        {
            return entries.Find(entry =>
                entry.Rule.Kind == kind
                && Same(entry.Rule.Provider, provider)
                && IsCallers(entry.Rule)
                && (method is null || Same(entry.Rule.Method, method))
                && (path is null || entry.MatchesPath(path))
                && (fits is null || fits(entry.Rule))
                && entry.Strikes())?.Rule;
        }
    }

    /// <summary>Rules that describe a state rather than an event: they stand until they are removed.</summary>
    public IReadOnlyList<Rule> Standing(Kind kind, string provider)
    {
        lock (gate)
        {
            return [.. entries.Select(entry => entry.Rule).Where(rule => rule.Kind == kind && Same(rule.Provider, provider) && IsCallers(rule))];
        }
    }

    private bool IsCallers(Rule rule) => rule.Token is null || string.Equals(rule.Token, caller.Value, StringComparison.Ordinal);

    private static bool Same(string? wanted, string actual) => wanted is null || string.Equals(wanted, actual, StringComparison.OrdinalIgnoreCase);

    private sealed class Entry(Rule rule)
    {
        private readonly Random random = new(rule.Seed);

        private readonly Regex? pattern = rule.Path is ['^', ..]
            ? new Regex(rule.Path, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)
            : null;

        public Rule Rule => rule;

        public long Seen { get; private set; }

        public long Struck { get; private set; }

        public bool MatchesPath(string path) =>
            pattern?.IsMatch(path) ?? (rule.Path is null || path.StartsWith(rule.Path, StringComparison.Ordinal));

        public bool Strikes()
        {
            Seen++;
            if (Seen <= rule.After || Struck >= (rule.Times ?? long.MaxValue) || (rule.Probability is { } odds && random.NextDouble() >= odds))
            {
                return false;
            }

            Struck++;
            return true;
        }
    }
}
