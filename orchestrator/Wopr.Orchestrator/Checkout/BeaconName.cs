using System.Text.RegularExpressions;
using Wopr.Support;

namespace Wopr.Checkout;

/// <summary>A beacon's name: one DNS label of 3 to 40 characters, lower case, that is not reserved.</summary>
public sealed partial record BeaconName
{
    private static readonly HashSet<string> Reserved = new(StringComparer.Ordinal)
    {
        "www", "api", "app", "admin", "administrator", "root", "mail", "smtp", "imap", "pop", "mx", "ns", "ns1", "ns2", "dns",
        "ftp", "ssh", "vpn", "install", "installer", "orc", "wopr", "status", "support", "help", "billing", "shop", "checkout",
        "operator", "hangfire", "mcp", "auth", "login", "signup", "account", "localhost", "local", "internal", "test", "example",
        "static", "assets", "cdn", "autoconfig", "autodiscover", "postmaster", "hostmaster", "webmaster", "abuse", "security",
        "beacon", "beacons", "wildcard", "all",
    };

    private BeaconName(string value) => Value = value;

    public string Value { get; }

    /// <summary>The name, or why it is none: ORDER-004 or ORDER-005.</summary>
    public static (BeaconName? Name, ErrorCode? Refusal) Parse(string? text)
    {
        var name = text?.Trim().ToLowerInvariant() ?? "";
        if (!Shape().IsMatch(name) || name.Contains("--", StringComparison.Ordinal)) return (null, ErrorCodes.BeaconNameInvalid);
        return Reserved.Contains(name) ? (null, ErrorCodes.BeaconNameReserved) : (new BeaconName(name), null);
    }

    public override string ToString() => Value;

    // A doubled hyphen is refused because "xn--" names would look like something else in a browser.
    [GeneratedRegex("^[a-z]([a-z0-9-]{1,38})[a-z0-9]$", RegexOptions.CultureInvariant)]
    private static partial Regex Shape();
}
