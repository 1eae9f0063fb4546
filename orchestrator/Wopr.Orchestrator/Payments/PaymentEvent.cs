using System.Text.Json;
using Wopr.Provisioning;

namespace Wopr.Payments;

/// <summary>
/// One event of the payment provider, parsed. It holds what WOPR acts on and what an operator needs, and nothing else
/// of what was sent: no name, no address, no card.
/// </summary>
/// <param name="Object">The id of the session, charge, refund or dispute that it is about.</param>
/// <param name="Checkout">Ours, where the object names it.</param>
/// <param name="Session">True when the object is a checkout session.</param>
/// <param name="PaymentId">What a refund names.</param>
/// <param name="Whole">Of a charge: all of it went back.</param>
public sealed record PaymentEvent(
    string Id, string Type, bool Live, string? Object, JobId? Checkout, string? PaymentId, long? Cents, string? Currency, string? PaymentStatus, string? Status, bool Whole)
{
    private const int LongestText = 255;

    /// <summary>The event, or null when this is none.</summary>
    public static PaymentEvent? Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 32 });
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || Text(root, "id") is not { } id || Text(root, "type") is not { } type) return null;
            if (!root.TryGetProperty("livemode", out var live) || live.ValueKind is not (JsonValueKind.True or JsonValueKind.False)) return null;
            if (!root.TryGetProperty("data", out var data) || data.ValueKind != JsonValueKind.Object
                || !data.TryGetProperty("object", out var about) || about.ValueKind != JsonValueKind.Object) return null;
            return new PaymentEvent(id, type, live.GetBoolean(), Text(about, "id"), CheckoutOf(about), Text(about, "payment_intent"),
                Number(about, "amount_total") ?? Number(about, "amount"), Text(about, "currency"), Text(about, "payment_status"), Text(about, "status"),
                about.TryGetProperty("refunded", out var whole) && whole.ValueKind == JsonValueKind.True);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // The second is what half a character in an escape comes to.
            return null;
        }
    }

    private static JobId? CheckoutOf(JsonElement about)
    {
        var named = Text(about, "client_reference_id")
            ?? (about.TryGetProperty("metadata", out var metadata) && metadata.ValueKind == JsonValueKind.Object ? Text(metadata, StripePayments.CheckoutMark) : null);
        return JobId.TryParse(named, out var id) ? id : null;
    }

    // An object that stands in full where its id would do is read by its id. Texts that PostgreSQL cannot store are none.
    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.ValueKind switch
    {
        JsonValueKind.String when value.GetString() is { Length: > 0 and <= LongestText } text && !text.Contains('\0', StringComparison.Ordinal) => text,
        JsonValueKind.Object => Text(value, "id"),
        _ => null,
    } : null;

    private static long? Number(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : null;
}
