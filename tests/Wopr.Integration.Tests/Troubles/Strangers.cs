using System.Text.Json;
using Wopr.Integration.Tests.Stack;

namespace Wopr.Integration.Tests.Troubles;

/// <summary>What others have in the same project and zone: nothing that WOPR does may change it.</summary>
public sealed class Strangers
{
    private readonly SandboxBooks books;
    private readonly string before;

    private Strangers(SandboxBooks books, string before) => (this.books, this.before) = (books, before);

    /// <summary>How many servers they have.</summary>
    public const int Servers = 1;

    public static async Task<Strangers> MoveInAsync(SandboxBooks books)
    {
        await books.CreateAsync("/v1/servers", new { name = "somebody-else", server_type = "cx23", image = "debian-13", location = "fsn1", labels = new { owner = "somebody" } });
        await books.CreateAsync("/v1/firewalls", new { name = "somebody-elses" });
        await books.CreateRecordAsync(new { type = "A", name = "www.beacons.localhost", content = "192.0.2.1", ttl = 60, comment = "somebody else's" });
        return new Strangers(books, await LookAsync(books));
    }

    public async Task AreUntouchedAsync() => (await LookAsync(books)).ShouldBe(before, "a foreign thing was touched");

    private static async Task<string> LookAsync(SandboxBooks books)
    {
        var servers = (await books.ServersAsync()).Where(s => s.GetProperty("name").GetString() == "somebody-else");
        var firewalls = (await books.FirewallsAsync()).Where(f => f.GetProperty("name").GetString() == "somebody-elses");
        var records = (await books.RecordsAsync()).Where(r => r.GetProperty("name").GetString() == "www.beacons.localhost" || r.GetProperty("type").GetString() == "HTTPS");
        // Status and lock follow from the clock; what belongs to the stranger does not.
        var own = servers.Select(s => $"{s.GetProperty("id")} {s.GetProperty("labels")} {s.GetProperty("server_type").GetProperty("name")} {s.GetProperty("public_net").GetProperty("ipv4").GetProperty("ip")}");
        return string.Join('\n', [.. own, .. firewalls.Select(Text), .. records.Select(Text).Order(StringComparer.Ordinal)]);
    }

    private static string Text(JsonElement element) => element.ToString();
}
