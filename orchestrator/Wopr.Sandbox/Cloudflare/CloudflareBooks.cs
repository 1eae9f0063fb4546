using Wopr.Sandbox.Books;

namespace Wopr.Sandbox.Cloudflare;

/// <summary>The zone and its records. Whoever reads or writes holds <see cref="Gate"/>.</summary>
public sealed class CloudflareBooks
{
    public CloudflareBooks(Ledger ledger, IReadOnlyList<Zone> zones)
    {
        (Ledger, Zones) = (ledger, zones);
        Records = new(ledger, "record", record => record.Id);
        ByName = Records.Index(record => new[] { (record.ZoneId, record.Name) });
        marks = new(ledger, "mark", mark => mark.Name);
    }

    private readonly Table<string, Mark> marks;

    public Lock Gate { get; } = new();

    public Ledger Ledger { get; }

    public IReadOnlyList<Zone> Zones { get; }

    public Table<string, DnsRecord> Records { get; }

    public Table<string, DnsRecord>.Lookup<(string ZoneId, string Name)> ByName { get; }

    public void Open(DateTimeOffset now)
    {
        Ledger.Open();
        Seed(now);
    }

    public void Clear(DateTimeOffset now)
    {
        Ledger.Clear();
        Seed(now);
    }

    /// <summary>A zone that is in use holds records that are none of a client's business, some of types it never heard of.</summary>
    private void Seed(DateTimeOffset now)
    {
        foreach (var zone in Zones.Where(zone => marks.Find("seeded:" + zone.Name) is null))
        {
            var data = System.Text.Json.JsonSerializer.SerializeToElement(new { priority = 1, target = ".", value = "alpn=\"h3,h2\"" });
            Records.Put(new DnsRecord(Zone.IdOf("seed:https:" + zone.Name), zone.Id, "HTTPS", zone.Name, "1 . alpn=\"h3,h2\"", 1, false, null, now, now, Data: data));
            Records.Put(new DnsRecord(Zone.IdOf("seed:txt:" + zone.Name), zone.Id, "TXT", zone.Name, "\"v=spf1 -all\"", 3600, false, "set by hand", now, now, now));
            marks.Put(new Mark("seeded:" + zone.Name));
        }

        Ledger.Commit();
    }

    private sealed record Mark(string Name);
}
