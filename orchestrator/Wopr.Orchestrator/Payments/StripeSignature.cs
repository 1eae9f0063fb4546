using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Wopr.Payments;

/// <summary>
/// The header <c>Stripe-Signature: t=SECONDS,v1=HEX[,v1=HEX…]</c>: HMAC-SHA-256 over <c>SECONDS.BODY</c> with the
/// endpoint's secret (docs.stripe.com/webhooks, "Verify webhook signatures manually"). While a secret is being changed the
/// provider signs with both, and several secrets are accepted here.
/// </summary>
public static class StripeSignature
{
    public const string Header = "Stripe-Signature";

    /// <summary>An older or newer delivery is refused, so that one that was overheard cannot be played again later.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    private const int MostSignatures = 16;

    /// <summary>When the delivery was signed, or null when no secret made any of its signatures.</summary>
    public static DateTimeOffset? SignedAt(string? header, ReadOnlySpan<byte> body, IReadOnlyList<string> secrets)
    {
        if (string.IsNullOrEmpty(header) || header.Length > 4096) return null;
        var parts = header.Split(',', StringSplitOptions.TrimEntries).Select(p => p.Split('=', 2)).Where(p => p.Length == 2).ToList();
        if (parts.FirstOrDefault(p => p[0] == "t") is not [_, var time]) return null;
        if (!long.TryParse(time, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds > 253_402_300_799) return null;

        var given = parts.Where(p => p[0] == "v1").Take(MostSignatures).Select(p => Encoding.ASCII.GetBytes(p[1])).ToList();
        var genuine = false;
        foreach (var secret in secrets)
        {
            var expected = Encoding.ASCII.GetBytes(Convert.ToHexStringLower(Mac(secret, time, body)));
            // All are compared, and each in constant time: how long it takes tells nothing about any.
            foreach (var signature in given) genuine |= CryptographicOperations.FixedTimeEquals(signature, expected);
        }
        return genuine ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;
    }

    private static byte[] Mac(string secret, string time, ReadOnlySpan<byte> body)
    {
        using var mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret));
        mac.AppendData(Encoding.ASCII.GetBytes(time + "."));
        mac.AppendData(body);
        return mac.GetHashAndReset();
    }
}
