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

/// <summary>Who sent the order.</summary>
public enum OrderSource { Checkout, Operator, Payment }
