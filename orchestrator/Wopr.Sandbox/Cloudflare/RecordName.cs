using System.Globalization;
using System.Text.RegularExpressions;

namespace Wopr.Sandbox.Cloudflare;

/// <summary>Host names as the zone keeps them: lower-case, in Punycode, without the last dot.</summary>
internal static partial class RecordName
{
    private static readonly IdnMapping Idn = new() { AllowUnassigned = true };

    /// <summary>The full name: relative names get the zone's name appended, <c>@</c> is the zone itself. Null when it is no name.</summary>
    public static string? InZone(string text, string zone)
    {
        if (text is "@" or "")
        {
            return text.Length == 0 ? null : zone;
        }

        var name = Parse(text);
        return name is null || IsIn(name, zone) ? name : Parse($"{name}.{zone}");
    }

    public static bool IsIn(string name, string zone) => name == zone || name.EndsWith("." + zone, StringComparison.Ordinal);

    public static string? Parse(string text)
    {
        var name = text.TrimEnd('.').ToLowerInvariant();
        if (!name.All(char.IsAscii))
        {
            try
            {
                name = Idn.GetAscii(name);
            }
            catch (ArgumentException)
            {
                return null;
            }
        }

        var labels = name.Split('.');
        return name.Length is > 0 and <= 253 && labels.Select((label, i) => (i == 0 && label == "*") || Label().IsMatch(label)).All(good => good) ? name : null;
    }

    [GeneratedRegex(@"^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\z")]
    private static partial Regex Label();
}
