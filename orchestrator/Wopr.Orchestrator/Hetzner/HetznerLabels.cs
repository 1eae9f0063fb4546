using System.Text.RegularExpressions;

namespace Wopr.Hetzner;

/// <summary>
/// The provider's grammar for labels and server names ("Labels" and "Servers" in its documentation), checked before
/// anything is sent.
/// </summary>
public static partial class HetznerLabels
{
    /// <summary>An optional DNS prefix of at most 253 and a slash, then 1 to 63 characters; <c>hetzner.cloud/</c> is reserved.</summary>
    public static bool IsKey(string key)
    {
        var slash = key.LastIndexOf('/');
        var (prefix, name) = slash < 0 ? (null, key) : (key[..slash], key[(slash + 1)..]);
        return name.Length is >= 1 and <= 63 && Word().IsMatch(name)
            && (prefix is null || (IsHostName(prefix) && prefix != "hetzner.cloud" && !prefix.EndsWith(".hetzner.cloud", StringComparison.Ordinal)));
    }

    /// <summary>0 to 63 characters, alphanumeric at both ends.</summary>
    public static bool IsValue(string value) => value.Length <= 63 && (value.Length == 0 || Word().IsMatch(value));

    /// <summary>A host name as RFC 1123 has it: labels of at most 63 without underscores, 253 in all.</summary>
    public static bool IsHostName(string name) => name.Length is >= 1 and <= 253 && name.Split('.').All(l => l.Length <= 63 && HostLabel().IsMatch(l));

    /// <summary>Why these labels would be refused, or null.</summary>
    public static string? Fault(IReadOnlyDictionary<string, string> labels)
    {
        foreach (var (key, value) in labels)
        {
            if (!IsKey(key)) return "a label's key is outside the grammar";
            if (!IsValue(value)) return $"the value of the label {key} is outside the grammar";
        }

        return null;
    }

    /// <summary>A selector that wants all of these labels; empty when there are none.</summary>
    public static string Selector(IReadOnlyDictionary<string, string> labels) =>
        string.Join(',', labels.OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => $"{l.Key}=={l.Value}"));

    [GeneratedRegex(@"\A[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Word();

    [GeneratedRegex(@"\A[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex HostLabel();
}
