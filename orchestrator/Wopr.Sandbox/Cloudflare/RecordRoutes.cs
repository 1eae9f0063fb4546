using System.Globalization;
using System.Text.Json.Nodes;
using Wopr.Sandbox.Misbehaviour;
using Wopr.Sandbox.Wire;

namespace Wopr.Sandbox.Cloudflare;

/// <summary>/zones/{zone_id}/dns_records: list, describe, create, change, delete, and many of these in one batch.</summary>
internal sealed class RecordRoutes(CloudflareBooks books, RecordWriter writer, Rulebook rules, RandomSource random)
{
    private const int MaxPage = 5_000_000;
    private const int MaxBatch = 200;

    public void Map(RouteTable routes)
    {
        const string List = "/zones/{zone_id}/dns_records";
        const string One = List + "/{id}";
        routes.Map("GET", List, call => InZone(call, zone => Page(call, zone)));
        routes.Map("POST", List, call => InZone(call, zone =>
        {
            ForeignRecordFirst(zone, call.Body, call.Now);
            return Single(writer.Create(zone, call.Body, call.Now));
        }));
        routes.Map("POST", List + "/batch", call => InZone(call, zone => Batch(call, zone)));
        routes.Map("GET", One, call => Record(call, (zone, id) => writer.Find(zone, id) is { } record ? Envelope.Ok(record.View()) : Refusals.NoSuchRecord()));
        routes.Map("PUT", One, call => Record(call, (zone, id) => Single(writer.Put(zone, id, call.Body, call.Now))));
        routes.Map("PATCH", One, call => Record(call, (zone, id) => Single(writer.Patch(zone, id, call.Body, call.Now))));
        routes.Map("DELETE", One, call => Record(call, (zone, id) =>
            writer.Delete(zone, id) is (null, { } refusal) ? refusal : Envelope.Ok(new { id })));
    }

    private Answer Page(Call call, Zone zone)
    {
        if (Paging.Read(call, 100, 1, MaxPage) is not var (page, perPage))
        {
            return Refusals.Of(400, 1004, "DNS Validation Error");
        }

        var rows = call.Asked("name") is { } name && call.Asked("match") != "any"
            ? books.ByName[(zone.Id, name.ToLowerInvariant())]
            : books.Records.All.Where(record => record.ZoneId == zone.Id);
        return RecordFilter.Sort(call, rows.Where(RecordFilter.From(call))) is { } sorted
            ? Envelope.Page([.. sorted.Select(record => record.View())], page, perPage)
            : Refusals.Of(400, 1004, "DNS Validation Error");
    }

    /// <summary>Deletes, then patches, puts and posts: all of them, or the first refusal and none.</summary>
    private Answer Batch(Call call, Zone zone)
    {
        JsonArray Part(string name) => call.Body[name] as JsonArray ?? [];

        var parts = new[] { "deletes", "patches", "puts", "posts" };
        var total = parts.Sum(part => Part(part).Count);
        if (total == 0 || parts.Any(part => Part(part).Any(item => item is not JsonObject)))
        {
            return Refusals.Of(400, 1004, "DNS Validation Error");
        }

        if (total > MaxBatch)
        {
            return Refusals.Of(400, 81056, string.Create(CultureInfo.InvariantCulture, $"A batch may hold at most {MaxBatch} operations."));
        }

        foreach (var post in Part("posts"))
        {
            ForeignRecordFirst(zone, (JsonObject)post!, call.Now);
        }

        var results = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var part in parts)
        {
            var views = new List<object>();
            foreach (var item in Part(part).Cast<JsonObject>())
            {
                var id = item["id"]?.ToString() ?? "";
                var (record, refusal) = part switch
                {
                    "deletes" => writer.Delete(zone, id),
                    "patches" => writer.Patch(zone, id, item, call.Now),
                    "puts" => writer.Put(zone, id, item, call.Now),
                    _ => writer.Create(zone, item, call.Now),
                };
                if (record is null)
                {
                    return refusal!;
                }

                views.Add(record.View());
            }

            results[part] = call.Body[part] is null ? null : views;
        }

        return Envelope.Ok(results);
    }

    /// <summary>Scripted: someone else's record of the wanted name is there already.</summary>
    private void ForeignRecordFirst(Zone zone, JsonObject body, DateTimeOffset now)
    {
        if (RecordName.InZone(body["name"]?.ToString() ?? "", zone.Name) is { } name
            && !books.ByName[(zone.Id, name)].Any()
            && rules.Strike(Kind.Clash, "cloudflare", fits: rule => rule.Names is null || rule.Names.Contains(name, StringComparer.OrdinalIgnoreCase)) is { } rule)
        {
            AddForeign(zone, name, rule, now);
        }
    }

    /// <summary>A record that no client of ours made.</summary>
    public void AddForeign(Zone zone, string name, Rule rule, DateTimeOffset now)
    {
        books.Records.Put(new DnsRecord(random.Hex(16), zone.Id, rule.Type ?? "A", name, rule.Content ?? "192.0.2.1", 300, false, null, now, now));
        books.Ledger.Commit();
    }

    private Answer InZone(Call call, Func<Zone, Answer> then) => ZoneRoutes.Find(books, call) is var (zone, refusal) && zone is not null ? then(zone) : refusal!;

    private Answer Record(Call call, Func<Zone, string, Answer> then) => InZone(call, zone =>
        ZoneRoutes.IsId(call.Values["id"]) ? then(zone, call.Values["id"]) : Refusals.MalformedId(call.Path));

    private static Answer Single((DnsRecord? Record, Answer? Refusal) outcome) => outcome.Record is { } record ? Envelope.Ok(record.View()) : outcome.Refusal!;
}
