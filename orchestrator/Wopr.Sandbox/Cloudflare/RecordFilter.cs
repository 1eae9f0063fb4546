using Wopr.Sandbox.Wire;

namespace Wopr.Sandbox.Cloudflare;

/// <summary>Which records a list asks for. Filters are all to match, or any with <c>match=any</c>; case does not matter.</summary>
internal static class RecordFilter
{
    public static Func<DnsRecord, bool> From(Call call)
    {
        List<Func<DnsRecord, bool>> filters =
        [
            .. Texts(call, "name", record => record.Name),
            .. Texts(call, "content", record => record.Content),
            .. Texts(call, "comment", record => record.Comment ?? ""),
        ];
        if (call.Asked("type") is { } type)
        {
            filters.Add(record => Same(record.Type, type));
        }

        if (call.Asked("proxied") is { } proxied)
        {
            filters.Add(record => record.Proxied == Same(proxied, "true"));
        }

        if (call.Query.ContainsKey("comment.present"))
        {
            filters.Add(record => record.Comment is not null);
        }

        if (call.Query.ContainsKey("comment.absent"))
        {
            filters.Add(record => record.Comment is null);
        }

        // No record here carries a tag: whoever asks for one finds nothing.
        if (call.Query.Keys.Any(key => (key == "tag" || key.StartsWith("tag.", StringComparison.Ordinal)) && key != "tag.absent"))
        {
            filters.Add(_ => false);
        }

        var any = call.Asked("match") == "any";
        var search = call.Asked("search");
        return record =>
            (filters.Count == 0 || (any ? filters.Exists(filter => filter(record)) : filters.TrueForAll(filter => filter(record))))
            && (search is null || Contains(record.Name, search) || Contains(record.Content, search) || Contains(record.Comment ?? "", search));
    }

    /// <summary>Null when the order is not known.</summary>
    public static IReadOnlyList<DnsRecord>? Sort(Call call, IEnumerable<DnsRecord> rows)
    {
        Func<DnsRecord, IComparable>? key = (call.Asked("order") ?? "type") switch
        {
            "type" => record => record.Type,
            "name" => record => record.Name,
            "content" => record => record.Content,
            "ttl" => record => record.Ttl,
            "proxied" => record => record.Proxied,
            _ => null,
        };
        return key is null ? null
            : call.Asked("direction") == "desc" ? [.. rows.OrderByDescending(key).ThenBy(record => record.Name, StringComparer.Ordinal)]
            : [.. rows.OrderBy(key).ThenBy(record => record.Name, StringComparer.Ordinal)];
    }

    private static IEnumerable<Func<DnsRecord, bool>> Texts(Call call, string field, Func<DnsRecord, string> text)
    {
        foreach (var (suffix, test) in new (string, Func<string, string, bool>)[]
        {
            ("", Same),
            (".exact", Same),
            (".contains", Contains),
            (".startswith", (value, wanted) => value.StartsWith(wanted, StringComparison.OrdinalIgnoreCase)),
            (".endswith", (value, wanted) => value.EndsWith(wanted, StringComparison.OrdinalIgnoreCase)),
        })
        {
            if (call.Asked(field + suffix) is { } wanted)
            {
                yield return record => test(text(record), wanted);
            }
        }
    }

    private static bool Same(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    private static bool Contains(string text, string part) => text.Contains(part, StringComparison.OrdinalIgnoreCase);
}
