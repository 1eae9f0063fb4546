using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Wopr.Operators.SignIn;

/// <summary>What an ID token must say: who gave it, for whom, and for which sign-in.</summary>
/// <param name="Issuer">As the discovery document names it.</param>
/// <param name="ClientSecret">Signs where the provider has no key of its own (HS256).</param>
/// <param name="Nonce">Made for this sign-in alone.</param>
public sealed record IdTokenWish(string Issuer, string ClientId, string ClientSecret, string Nonce);

/// <summary>Whom an ID token names, or why it names nobody.</summary>
public abstract record IdTokenOutcome
{
    public sealed record Good(string Subject) : IdTokenOutcome;

    public sealed record Refused(string Why) : IdTokenOutcome;
}

/// <summary>
/// Reads an ID token as OpenID Connect Core 1.0, section 3.1.3.7 wants it: signature, issuer, audience, time and nonce. RS256,
/// ES256 and HS256 are understood, and nothing without a signature.
/// </summary>
public static class IdToken
{
    /// <summary>How far the provider's clock may be from ours.</summary>
    public static readonly TimeSpan Skew = TimeSpan.FromMinutes(2);

    /// <param name="keys">The provider's key set (RFC 7517).</param>
    public static IdTokenOutcome Read(string token, IdTokenWish wish, JsonElement keys, DateTimeOffset now)
    {
        if (token.Split('.') is not [var head, var body, var signature]) return new IdTokenOutcome.Refused("it is no signed token");
        try
        {
            using var header = JsonDocument.Parse(Base64Url.DecodeFromChars(head));
            using var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(body));
            if (!IsSigned(header.RootElement, Encoding.ASCII.GetBytes($"{head}.{body}"), Base64Url.DecodeFromChars(signature), wish, keys))
                return new IdTokenOutcome.Refused("its signature is not the provider's");
            return Check(claims.RootElement, wish, now);
        }
        catch (Exception error) when (error is FormatException or JsonException or InvalidOperationException or KeyNotFoundException or CryptographicException)
        {
            return new IdTokenOutcome.Refused("it cannot be read");
        }
    }

    private static IdTokenOutcome Check(JsonElement claims, IdTokenWish wish, DateTimeOffset now)
    {
        if (Text(claims, "iss") != wish.Issuer) return new IdTokenOutcome.Refused("another issuer gave it");
        var audiences = Audiences(claims);
        if (!audiences.Contains(wish.ClientId) || (audiences.Count > 1 && Text(claims, "azp") != wish.ClientId)) return new IdTokenOutcome.Refused("it is for another client");
        if (Time(claims, "exp") is not { } end || end + Skew <= now) return new IdTokenOutcome.Refused("it has expired");
        if (Time(claims, "iat") is not { } begin || begin - Skew > now) return new IdTokenOutcome.Refused("it is from the future");
        if (Text(claims, "nonce") != wish.Nonce) return new IdTokenOutcome.Refused("it is of another sign-in");
        return Text(claims, "sub") is { Length: > 0 } subject ? new IdTokenOutcome.Good(subject) : new IdTokenOutcome.Refused("it names nobody");
    }

    private static bool IsSigned(JsonElement header, byte[] said, byte[] signature, IdTokenWish wish, JsonElement keys) => Text(header, "alg") switch
    {
        "HS256" => CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(Encoding.UTF8.GetBytes(wish.ClientSecret), said), signature),
        "RS256" => Keys(keys, header, "RSA").Any(key => IsSignedByRsa(key, said, signature)),
        "ES256" => Keys(keys, header, "EC").Any(key => IsSignedByCurve(key, said, signature)),
        _ => false,
    };

    /// <summary>The key that the token names; all of its kind where it names none.</summary>
    private static IEnumerable<JsonElement> Keys(JsonElement keys, JsonElement header, string kind)
    {
        var id = Text(header, "kid");
        return keys.GetProperty("keys").EnumerateArray().Where(key => Text(key, "kty") == kind && Text(key, "use") is null or "sig" && (id is null || Text(key, "kid") == id));
    }

    private static bool IsSignedByRsa(JsonElement key, byte[] said, byte[] signature)
    {
        using var rsa = RSA.Create(new RSAParameters { Modulus = Bytes(key, "n"), Exponent = Bytes(key, "e") });
        return rsa.VerifyData(said, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
    }

    private static bool IsSignedByCurve(JsonElement key, byte[] said, byte[] signature)
    {
        if (Text(key, "crv") != "P-256") return false;
        using var curve = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = Bytes(key, "x"), Y = Bytes(key, "y") } });
        return curve.VerifyData(said, signature, HashAlgorithmName.SHA256);
    }

    private static List<string?> Audiences(JsonElement claims) =>
        !claims.TryGetProperty("aud", out var audience) ? []
        : audience.ValueKind == JsonValueKind.Array ? [.. audience.EnumerateArray().Select(a => a.GetString())]
        : [audience.GetString()];

    private static byte[] Bytes(JsonElement key, string name) => Base64Url.DecodeFromChars(Text(key, name));

    private static DateTimeOffset? Time(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value) && value.TryGetDouble(out var seconds) && seconds is > 0 and < 1e11 ? DateTimeOffset.UnixEpoch.AddSeconds(seconds) : null;

    private static string? Text(JsonElement from, string name) => from.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
