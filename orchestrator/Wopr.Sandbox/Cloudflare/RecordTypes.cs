using System.Net;
using System.Net.Sockets;
using Wopr.Sandbox.Wire;

namespace Wopr.Sandbox.Cloudflare;

/// <summary>What the content of each record type must look like.</summary>
internal static class RecordTypes
{
    private static readonly HashSet<string> Known = new(StringComparer.Ordinal)
    {
        "A", "AAAA", "CNAME", "TXT", "MX", "NS", "PTR", "SRV", "CAA", "CERT", "DNSKEY", "DS", "HTTPS", "LOC", "NAPTR",
        "OPENPGPKEY", "SMIMEA", "SSHFP", "SVCB", "TLSA", "URI",
    };

    public static bool IsKnown(string type) => Known.Contains(type);

    public static bool CanBeProxied(string type) => type is "A" or "AAAA" or "CNAME";

    /// <summary>The content as it is stored, or the refusal.</summary>
    public static (string? Content, Answer? Refusal) Content(string type, string content) => type switch
    {
        "A" => content.Split('.').Length == 4 && Address(content, AddressFamily.InterNetwork) is { } ip
            ? (ip, null)
            : (null, Refusals.Of(400, 9005, "Content for A record must be a valid IPv4 address.")),
        "AAAA" => Address(content, AddressFamily.InterNetworkV6) is { } ip
            ? (ip, null)
            : (null, Refusals.Of(400, 9006, "Content for AAAA record must be a valid IPv6 address.")),
        "CNAME" => Host(content, 9007, "Content for CNAME record is invalid."),
        "NS" => Host(content, 9008, "Content for NS record is invalid."),
        "MX" => Host(content, 9009, "Content for MX record is invalid."),
        "TXT" => content.Length <= 4096 ? (content, null) : (null, Refusals.Of(400, 9010, "Content for TXT record is too long.")),
        _ => (content, null),
    };

    private static string? Address(string text, AddressFamily family) =>
        IPAddress.TryParse(text, out var ip) && ip.AddressFamily == family && !text.Contains('%', StringComparison.Ordinal) ? ip.ToString() : null;

    private static (string? Content, Answer? Refusal) Host(string text, int code, string message) =>
        RecordName.Parse(text) is { } name && !name.StartsWith('*') ? (name, null) : (null, Refusals.Of(400, code, message));
}
