using System.Globalization;
using System.Text.Json;
using Wopr.Sandbox.Wire;

namespace Wopr.Sandbox.Payments;

/// <summary>A customer's visit to the payment page. Times are Unix seconds, amounts the currency's smallest unit.</summary>
/// <param name="Metadata">The session's own.</param>
/// <param name="PaymentMetadata">Goes to the payment and its charge.</param>
public sealed record Session(
    string Id,
    long Amount,
    string Currency,
    string Product,
    string? ClientReferenceId,
    string? Email,
    string SuccessUrl,
    string CancelUrl,
    long ExpiresAt,
    long Created,
    IReadOnlyDictionary<string, string> Metadata,
    IReadOnlyDictionary<string, string> PaymentMetadata,
    string Status = "open",
    string PaymentStatus = "unpaid",
    string? PaymentIntent = null)
{
    /// <summary>As it stands now: time ends it by itself.</summary>
    public Session At(DateTimeOffset now) => Status == "open" && now.ToUnixTimeSeconds() >= ExpiresAt ? this with { Status = "expired" } : this;

    public object View(Uri address) => new
    {
        Id,
        Object = "checkout.session",
        AmountTotal = Amount,
        Currency,
        ClientReferenceId,
        CustomerEmail = Email,
        SuccessUrl,
        CancelUrl,
        ExpiresAt,
        Created,
        Livemode = false,
        Metadata,
        Mode = "payment",
        PaymentIntent,
        PaymentStatus,
        Status,
        Url = Status == "open" ? new Uri(address, $"/pay/{Id}").ToString() : null,
    };

    /// <summary>The charge behind a paid session.</summary>
    public object Charge(long refunded) => new
    {
        Id = "ch_" + Id[8..],
        Object = "charge",
        Amount,
        AmountRefunded = refunded,
        Currency,
        PaymentIntent,
        Metadata = PaymentMetadata,
        Refunded = refunded >= Amount,
        Status = "succeeded",
    };
}

public sealed record Refund(string Id, string PaymentIntent, long Amount, string Currency, long Created, IReadOnlyDictionary<string, string> Metadata)
{
    public object View() => new { Id, Object = "refund", Amount, Currency, Created, PaymentIntent, Metadata, Status = "succeeded" };
}

/// <summary>What an Idempotency-Key was used for.</summary>
public sealed record UsedKey(string Key, string Id);

/// <summary>An event on its way to the shop: sent again until it is taken.</summary>
/// <param name="Body">The exact text that is signed.</param>
public sealed record News(string Id, string Type, string Url, string Body, int Attempts, DateTimeOffset NextAt, bool Taken)
{
    public static News Of(string id, string type, object about, string url, DateTimeOffset now) => new(id, type, url, JsonSerializer.Serialize(
        new { Id = id, Object = "event", ApiVersion = "2024-06-20", Created = now.ToUnixTimeSeconds(), Livemode = false, Type = type, Data = new { Object = about } },
        WireJson.Wire), 0, now, Taken: false);

    public object View() => new { Id, Type, Url, Attempts, Taken, Next = NextAt.ToString("O", CultureInfo.InvariantCulture) };
}
