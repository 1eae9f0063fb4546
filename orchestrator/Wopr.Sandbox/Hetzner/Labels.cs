using System.Text.RegularExpressions;

namespace Wopr.Sandbox.Hetzner;

/// <summary>Which labels the provider takes: an optional DNS prefix and a name as key, a short word as value.</summary>
internal static partial class Labels
{
    public static readonly IReadOnlyDictionary<string, string> None = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>What is wrong with the first bad label, or null.</summary>
    public static string? Problem(IReadOnlyDictionary<string, string> labels) =>
        labels.Select(label => KeyProblem(label.Key) ?? ValueProblem(label.Key, label.Value)).FirstOrDefault(problem => problem is not null);

    public static bool IsKey(string key) => KeyProblem(key) is null;

    public static bool IsValue(string value) => value.Length == 0 || Word().IsMatch(value);

    private static string? KeyProblem(string key)
    {
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        var (prefix, name) = slash < 0 ? (null, key) : (key[..slash], key[(slash + 1)..]);
        if (prefix is not null && (prefix.Length is 0 or > 253 || !DnsName().IsMatch(prefix)))
        {
            return $"label key '{key}' has an invalid prefix";
        }

        if (prefix is "hetzner.cloud")
        {
            return $"label key '{key}' has a reserved prefix";
        }

        return Word().IsMatch(name) ? null : $"label key '{key}' is not correctly formatted";
    }

    private static string? ValueProblem(string key, string value) =>
        IsValue(value) ? null : $"label value of '{key}' is not correctly formatted";

    [GeneratedRegex(@"^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?\z")]
    private static partial Regex Word();

    [GeneratedRegex(@"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*\z", RegexOptions.IgnoreCase)]
    private static partial Regex DnsName();
}
