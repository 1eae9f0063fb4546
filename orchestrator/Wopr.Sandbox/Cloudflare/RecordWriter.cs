using System.Text.Json;
using System.Text.Json.Nodes;
using Wopr.Sandbox.Wire;

namespace Wopr.Sandbox.Cloudflare;

/// <summary>Creates, changes and deletes single records; single calls and batches go the same way.</summary>
internal sealed class RecordWriter(CloudflareBooks books, RandomSource random)
{
    private const int MaxComment = 100;

    public (DnsRecord? Record, Answer? Refusal) Create(Zone zone, JsonObject body, DateTimeOffset now) =>
        Write(zone, body, new DnsRecord(random.Hex(16), zone.Id, "", "", "", 1, false, null, now, now), isNew: true, now);

    /// <summary>Changes only what the body names.</summary>
    public (DnsRecord? Record, Answer? Refusal) Patch(Zone zone, string id, JsonObject body, DateTimeOffset now) =>
        Find(zone, id) is { } record ? Write(zone, body, record, isNew: false, now) : (null, Refusals.NoSuchRecord());

    /// <summary>Replaces everything but the id, the type and the day of creation.</summary>
    public (DnsRecord? Record, Answer? Refusal) Put(Zone zone, string id, JsonObject body, DateTimeOffset now)
    {
        if (Find(zone, id) is not { } record)
        {
            return (null, Refusals.NoSuchRecord());
        }

        if (body["type"] is null || body["name"] is null)
        {
            return (null, Refusals.Of(400, 9101, $"{(body["type"] is null ? "type" : "name")} is a required field"));
        }

        var blank = record with { Content = "", Ttl = 1, Proxied = false, Comment = null, Priority = null, Data = null };
        return Write(zone, body, blank, isNew: false, now);
    }

    public (DnsRecord? Record, Answer? Refusal) Delete(Zone zone, string id)
    {
        if (Find(zone, id) is not { } record)
        {
            return (null, Refusals.NoSuchRecord());
        }

        books.Records.Remove(id);
        return (record, null);
    }

    public DnsRecord? Find(Zone zone, string id) => books.Records.Find(id) is { } record && record.ZoneId == zone.Id ? record : null;

    private (DnsRecord? Record, Answer? Refusal) Write(Zone zone, JsonObject body, DnsRecord before, bool isNew, DateTimeOffset now)
    {
        var (record, refusal) = Read(zone, body, before, isNew);
        if (record is null || (refusal = Clash(record)) is not null)
        {
            return (null, refusal);
        }

        record = record with { Modified = now, CommentModified = record.Comment == before.Comment ? before.CommentModified : now };
        books.Records.Put(record);
        return (record, null);
    }

    private static (DnsRecord? Record, Answer? Refusal) Read(Zone zone, JsonObject body, DnsRecord before, bool isNew)
    {
        (DnsRecord?, Answer?) No(int code, string message) => (null, Refusals.Of(400, code, message));

        var type = Text(body["type"]) ?? before.Type;
        if (!RecordTypes.IsKnown(type))
        {
            return type.Length == 0 ? No(9101, "type is a required field") : No(9002, "Invalid 'type' value.");
        }

        if (!isNew && type != before.Type)
        {
            return No(9002, "The type of a record cannot be changed.");
        }

        var name = body["name"] is null && before.Name.Length > 0 ? before.Name : RecordName.InZone(Text(body["name"]) ?? "", zone.Name);
        if (name is null)
        {
            return body["name"] is null ? No(9101, "name is a required field") : No(9000, "DNS name is invalid.");
        }

        var data = body["data"] is JsonObject parts ? JsonSerializer.SerializeToElement(parts) : before.Data;
        var given = Text(body["content"]) ?? (data is { } structured && body["content"] is null ? Joined(structured) : before.Content);
        if (given.Length == 0)
        {
            return No(9101, "content is a required field");
        }

        var (content, badContent) = RecordTypes.Content(type, given);
        if (content is null)
        {
            return (null, badContent);
        }

        var proxied = body["proxied"] switch
        {
            null => before.Proxied,
            JsonValue value when value.TryGetValue<bool>(out var flag) => flag,
            _ => (bool?)null,
        };
        if (proxied is null)
        {
            return No(9003, "Invalid 'proxied' value, must be a boolean.");
        }

        if (proxied.Value && !RecordTypes.CanBeProxied(type))
        {
            return No(9004, "This record type cannot be proxied.");
        }

        var ttl = body["ttl"] switch
        {
            null => before.Ttl,
            JsonValue value when value.TryGetValue<double>(out var seconds) => (int)seconds,
            _ => 0,
        };
        if (ttl != 1 && ttl is < 60 or > 86400)
        {
            return No(9021, "TTL must be between 60 and 86400 seconds, or 1 for Automatic.");
        }

        var comment = body.ContainsKey("comment") ? Text(body["comment"]) is { Length: > 0 } text ? text : null : before.Comment;
        if (comment?.Length > MaxComment)
        {
            return No(9313, $"DNS record comment exceeds the maximum length of {MaxComment} characters.");
        }

        if (body["tags"] is JsonArray { Count: > 0 } tags)
        {
            return No(9300, $"DNS record has {tags.Count} tags, exceeding the quota of 0.");
        }

        var priority = body["priority"] is JsonValue given10 && given10.TryGetValue<int>(out var number) ? number : before.Priority;
        if (type == "MX" && priority is null)
        {
            return No(9101, "priority is a required field");
        }

        return (before with
        {
            Type = type,
            Name = name,
            Content = content,
            Proxied = proxied.Value,
            Ttl = proxied.Value ? 1 : ttl,
            Comment = comment,
            Priority = priority,
            Data = data,
        }, null);
    }

    private Answer? Clash(DnsRecord record)
    {
        var others = books.ByName[(record.ZoneId, record.Name)].Where(other => other.Id != record.Id).ToList();
        return others.Exists(other => other.Type == record.Type && other.Content == record.Content) && record.Type != "CNAME" ? Refusals.Identical()
            : record.Type == "CNAME" && others.Exists(other => other.Type is "A" or "AAAA" or "CNAME") ? Refusals.HostTaken()
            : record.Type is "A" or "AAAA" && others.Exists(other => other.Type == "CNAME") ? Refusals.HostTaken()
            : null;
    }

    private static string? Text(JsonNode? node) => node?.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : null;

    /// <summary>The presentation form of a structured record: its parts with a space between them.</summary>
    private static string Joined(JsonElement data) => string.Join(' ', data.EnumerateObject().Select(part => part.Value.ToString()));
}
