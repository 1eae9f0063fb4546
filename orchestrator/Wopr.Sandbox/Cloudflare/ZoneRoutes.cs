using System.Text.Json.Nodes;
using Wopr.Sandbox.Wire;

namespace Wopr.Sandbox.Cloudflare;

/// <summary>/zones, /accounts and /user: what a command line looks at before it touches records.</summary>
internal sealed class ZoneRoutes(CloudflareBooks books, string tokenId)
{
    private static readonly string[] Purgeable = ["purge_everything", "files", "tags", "hosts", "prefixes"];

    public void Map(RouteTable routes)
    {
        routes.Map("GET", "/zones", List);
        routes.Map("GET", "/zones/{zone_id}", call => Find(books, call) is ({ } zone, _) ? Envelope.Ok(zone.View()) : Find(books, call).Refusal!);
        routes.Map("POST", "/zones/{zone_id}/purge_cache", Purge);
        routes.Map("GET", "/user/tokens/verify", _ => Envelope.Ok(new { id = tokenId, status = "active" }));
        routes.Map("GET", "/user", _ => Envelope.Ok(new { id = Zone.IdOf("user"), email = "sandbox@example.com", first_name = "Sandbox", last_name = "User", username = "sandbox", two_factor_authentication_enabled = false }));
        routes.Map("GET", "/accounts", call => Paging.Read(call, 20, 5, 50) is var (page, perPage)
            ? Envelope.Page([Account()], page, perPage)
            : Refusals.Of(400, 1004, "Invalid paging."));
        routes.Map("GET", "/accounts/{account_id}", call => call.Values["account_id"] == Zone.AccountId ? Envelope.Ok(Account()) : Refusals.OtherResource());
    }

    /// <summary>The zone that the path names, or why not.</summary>
    public static (Zone? Zone, Answer? Refusal) Find(CloudflareBooks books, Call call)
    {
        var id = call.Values["zone_id"];
        return !IsId(id) ? (null, Refusals.MalformedId(call.Path))
            : books.Zones.FirstOrDefault(zone => zone.Id == id) is { } zone ? (zone, null)
            : (null, Refusals.OtherResource());
    }

    public static bool IsId(string text) => text.Length == 32 && text.All(char.IsAsciiHexDigitLower);

    private Answer List(Call call)
    {
        // Documented is 5 at least; libraries ask for 1 when they look a name up, and get it.
        if (Paging.Read(call, 20, 1, 50) is not var (page, perPage))
        {
            return Refusals.Of(400, 1004, "Invalid paging.");
        }

        // A name may come with an operator, as in "equal:example.com" or "contains:example".
        var (op, name) = (call.Asked("name") ?? "").Split(':') is [var first, var rest] ? (first, rest) : ("equal", call.Asked("name") ?? "");
        var zones = books.Zones.Where(zone =>
            (name.Length == 0 || (op switch
            {
                "contains" => zone.Name.Contains(name, StringComparison.OrdinalIgnoreCase),
                "starts_with" => zone.Name.StartsWith(name, StringComparison.OrdinalIgnoreCase),
                "ends_with" => zone.Name.EndsWith(name, StringComparison.OrdinalIgnoreCase),
                _ => string.Equals(zone.Name, name, StringComparison.OrdinalIgnoreCase),
            }))
            && call.Asked("status") is null or "active"
            && (call.Asked("account.id") ?? Zone.AccountId) == Zone.AccountId
            && call.Asked("account.name") is null or Zone.AccountName);
        return Envelope.Page([.. zones.Select(zone => zone.View())], page, perPage);
    }

    private Answer Purge(Call call)
    {
        if (Find(books, call) is not ({ } zone, _))
        {
            return Find(books, call).Refusal!;
        }

        var asked = Purgeable.Where(name => call.Body[name] is not null).ToList();
        return asked switch
        {
            [] => Refusals.Of(400, 1012, "Request must contain one of \"purge_everything\", \"files\", \"tags\", \"hosts\" or \"prefixes\""),
            ["purge_everything"] when call.Body["purge_everything"]!.ToString() != "true" => Refusals.Of(400, 1012, "purge_everything must be true"),
            [not "purge_everything" and var list] when call.Body[list] is not JsonArray { Count: > 0 and <= 100 } =>
                Refusals.Of(400, 1012, $"{list} must hold 1 to 100 entries"),
            _ => Envelope.Ok(new { id = zone.Id }),
        };
    }

    private static object Account() => new
    {
        id = Zone.AccountId,
        name = Zone.AccountName,
        type = "standard",
        settings = new { enforce_twofactor = false },
        created_on = "2025-01-01T00:00:00.000000Z",
    };
}
