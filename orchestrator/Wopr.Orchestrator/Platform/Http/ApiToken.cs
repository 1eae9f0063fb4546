using System.Security.Cryptography;
using System.Text;

namespace Wopr.Platform.Http;

/// <summary>A provider's secret. Its text leaves this type only into the Authorization header; it prints as dots.</summary>
public sealed class ApiToken
{
    private readonly string secret;

    /// <exception cref="ArgumentException">Empty, or with characters that no header may carry. The message never holds the text.</exception>
    public ApiToken(string secret)
    {
        if (string.IsNullOrWhiteSpace(secret)) throw new ArgumentException("A provider token is empty", nameof(secret));
        if (secret.Any(c => c is <= ' ' or > '~')) throw new ArgumentException("A provider token has a space, a line break or a character outside ASCII", nameof(secret));
        this.secret = secret;
    }

    /// <summary>Sixteen hexadecimal digits of the token's SHA-256: enough to tell two tokens apart, useless to whoever reads it.</summary>
    public string Fingerprint => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)))[..16];

    internal string Reveal() => secret;

    public override string ToString() => "•••";
}
