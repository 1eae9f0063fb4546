using System.Security.Cryptography;
using System.Text;

namespace Wopr.Checkout;

/// <summary>What a customer wants, parsed and checked: from here on nothing about it is doubted.</summary>
public sealed record Order(Bundle Bundle, StorageTier Tier, BeaconName BeaconName, EmailAddress Email, string? Location, int PriceCents, string Currency)
{
    /// <summary>SHA-256 over everything that makes two orders the same order.</summary>
    public byte[] Fingerprint() => SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n',
        Bundle.Id, Tier.Tier, BeaconName.Value, Email.Value.ToLowerInvariant(), Location ?? "")));
}

/// <summary>An order as it is stored, whether it is paid now or was filled in days ago.</summary>
public sealed record OrderLine(string Bundle, int Tier, string BeaconName, string Email, string? Location, int PriceCents, string Currency, byte[] Fingerprint)
{
    public static OrderLine Of(Order order) => new(
        order.Bundle.Id, order.Tier.Tier, order.BeaconName.Value, order.Email.Value, order.Location, order.PriceCents, order.Currency, order.Fingerprint());
}

/// <summary>The payment provider's ids of what was paid.</summary>
public sealed record PaidBy(string SessionId, string PaymentId);

/// <summary>Who sent the order.</summary>
public enum OrderSource { Checkout, Operator, Payment }
