using Microsoft.AspNetCore.Identity;

namespace Wopr.Operators.SignIn;

/// <summary>Passwords of local accounts: the framework's PBKDF2 (HMAC-SHA512, 100,000 rounds, a salt for each).</summary>
public static class Passwords
{
    public const int Shortest = 12;
    public const int Longest = 256;

    private static readonly PasswordHasher<object> Hasher = new();
    private static readonly object Nobody = new();

    // Looked at when there is no such account, so that its absence cannot be timed.
    private static readonly string Decoy = Hash("nobody's password");

    public static bool IsFine(string? password) => password is { Length: >= Shortest and <= Longest };

    public static string Hash(string password) => Hasher.HashPassword(Nobody, password);

    /// <param name="hash">Null when there is no such account: takes as long and is false.</param>
    public static bool Fits(string password, string? hash)
    {
        if (password.Length > Longest) return false;
        var fits = Hasher.VerifyHashedPassword(Nobody, hash ?? Decoy, password) != PasswordVerificationResult.Failed;
        return fits && hash is not null;
    }

    /// <summary>True for what <see cref="Hash"/> makes, of this framework's present form.</summary>
    public static bool IsHash(string text)
    {
        var bytes = new byte[128];
        return Convert.TryFromBase64String(text, bytes, out var length) && length >= 49 && bytes[0] == 1;
    }
}
