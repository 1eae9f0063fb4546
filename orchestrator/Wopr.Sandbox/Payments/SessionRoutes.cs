using System.Globalization;
using System.Text.Json.Nodes;
using Wopr.Sandbox.Wire;

namespace Wopr.Sandbox.Payments;

/// <summary>/checkout/sessions: made from a form, looked at, and ended early.</summary>
internal sealed class SessionRoutes(PaymentBooks books, Func<Uri> address)
{
    // As the real one: between half an hour and a day; a little less for clocks that differ.
    private const long ShortestSeconds = 29 * 60, LongestSeconds = 24 * 3600 + 60;

    public void Map(RouteTable routes)
    {
        routes.Map("POST", "/checkout/sessions", Create);
        routes.Map("GET", "/checkout/sessions/{id}", call => Find(call) is { } session ? Shown(session.At(call.Now)) : Missing(call));
        routes.Map("POST", "/checkout/sessions/{id}/expire", Expire);
    }

    private Answer Create(Call call)
    {
        if (call.IdempotencyKey is { } key && books.Keys.Find(key) is { } used)
        {
            return Shown(books.Sessions.Find(used.Id)!.At(call.Now));
        }

        string? Text(string name) => call.Body[name]?.GetValue<string>();
        if (Text("mode") != "payment" || Text("success_url") is not { } success || Text("cancel_url") is not { } cancel)
        {
            return PaymentsApi.Refuse(400, "invalid_request_error", "parameter_missing", "mode=payment, success_url and cancel_url are needed here");
        }

        if (!Number(call, "line_items[0][price_data][unit_amount]", out var unit) || !Number(call, "line_items[0][quantity]", out var quantity) || unit * quantity <= 0)
        {
            return PaymentsApi.Refuse(400, "invalid_request_error", "parameter_invalid_integer", "line_items[0] needs a unit_amount and a quantity");
        }

        var now = call.Now.ToUnixTimeSeconds();
        var expires = Number(call, "expires_at", out var wished) ? wished : now + LongestSeconds - 60;
        if (expires < now + ShortestSeconds || expires > now + LongestSeconds)
        {
            return PaymentsApi.Refuse(400, "invalid_request_error", null, "expires_at lies between half an hour and a day from now");
        }

        var session = new Session(
            books.NewId("cs_test_"), unit * quantity, Text("line_items[0][price_data][currency]") ?? "usd", Text("line_items[0][price_data][product_data][name]") ?? "",
            Text("client_reference_id"), Text("customer_email"), success, cancel, expires, now, Marks(call, "metadata"), Marks(call, "payment_intent_data[metadata]"));
        books.Sessions.Put(session);
        if (call.IdempotencyKey is { } fresh)
        {
            books.Keys.Put(new UsedKey(fresh, session.Id));
        }

        return Shown(session);
    }

    private Answer Expire(Call call)
    {
        if (Find(call) is not { } session)
        {
            return Missing(call);
        }

        if (session.At(call.Now).Status != "open")
        {
            return PaymentsApi.Refuse(400, "invalid_request_error", null, $"Only Checkout Sessions with a status in [\"open\"] can be expired. This one is {session.At(call.Now).Status}.");
        }

        var ended = session with { Status = "expired" };
        books.Sessions.Put(ended);
        books.Tell("checkout.session.expired", ended.View(address()), ended, call.Now);
        return Shown(ended);
    }

    private Session? Find(Call call) => books.Sessions.Find(call.Values["id"]);

    private Answer Shown(Session session) => new(200, session.View(address()));

    private static Answer Missing(Call call) =>
        PaymentsApi.Refuse(404, "invalid_request_error", "resource_missing", $"No such checkout.session: '{call.Values["id"]}'");

    private static bool Number(Call call, string name, out long number) =>
        long.TryParse(call.Body[name]?.GetValue<string>(), NumberStyles.None, CultureInfo.InvariantCulture, out number);

    internal static Dictionary<string, string> Marks(Call call, string name) => call.Body
        .Where(field => field.Key.StartsWith(name + "[", StringComparison.Ordinal) && field.Key.EndsWith(']'))
        .ToDictionary(field => field.Key[(name.Length + 1)..^1], field => ((JsonValue)field.Value!).GetValue<string>(), StringComparer.Ordinal);
}
