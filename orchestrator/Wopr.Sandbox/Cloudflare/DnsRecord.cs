using System.Text.Json;
using Wopr.Sandbox.Wire;

namespace Wopr.Sandbox.Cloudflare;

/// <param name="Name">Full, lower-case, in Punycode.</param>
/// <param name="Ttl">Seconds; 1 is automatic.</param>
/// <param name="Data">The parts of structured types, kept as they came.</param>
public sealed record DnsRecord(
    string Id,
    string ZoneId,
    string Type,
    string Name,
    string Content,
    int Ttl,
    bool Proxied,
    string? Comment,
    DateTimeOffset Created,
    DateTimeOffset Modified,
    DateTimeOffset? CommentModified = null,
    int? Priority = null,
    JsonElement? Data = null)
{
    public object View()
    {
        var view = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["id"] = Id,
            ["name"] = Name,
            ["type"] = Type,
            ["content"] = Content,
            ["proxiable"] = RecordTypes.CanBeProxied(Type),
            ["proxied"] = Proxied,
            ["ttl"] = Ttl,
            ["settings"] = new { },
            ["meta"] = new { },
            ["comment"] = Comment,
            ["tags"] = Array.Empty<string>(),
            ["created_on"] = WireJson.Micros(Created),
            ["modified_on"] = WireJson.Micros(Modified),
        };
        if (CommentModified is { } commented)
        {
            view["comment_modified_on"] = WireJson.Micros(commented);
        }

        if (Priority is { } priority)
        {
            view["priority"] = priority;
        }

        if (Data is { } data)
        {
            view["data"] = data;
        }

        return view;
    }
}
