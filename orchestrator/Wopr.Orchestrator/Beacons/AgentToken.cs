using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace Wopr.Beacons;

/// <summary>
/// The SHA-256 of the token by which a beacon's agent is known. The beacon makes the token itself and sends only this,
/// with the last report that its callback token is good for: so the agent's token never stands in user-data, which the
/// provider keeps and shows, nor in an answer of ours, and outlives the job without the callback token doing so.
/// </summary>
public sealed partial class AgentTokenHash
{
    private AgentTokenHash(byte[] bytes) => Bytes = bytes;

    public byte[] Bytes { get; }

    /// <summary>The hash as a beacon sends it, 64 lower-case hexadecimal digits; null for anything else.</summary>
    public static AgentTokenHash? Parse(string text) => Digits().IsMatch(text) ? new(Convert.FromHexString(text)) : null;

    /// <summary>The hash of a token: 32 bytes in hexadecimal; anything else hashes to something that no token has.</summary>
    public static AgentTokenHash Of(string token) => new(Digits().IsMatch(token) ? SHA256.HashData(Convert.FromHexString(token)) : new byte[SHA256.HashSizeInBytes]);

    public bool IsSame(byte[] other) => CryptographicOperations.FixedTimeEquals(Bytes, other);

    [GeneratedRegex(@"\A[0-9a-f]{64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Digits();
}
