using System.Security.Claims;
using System.Text.Json;

namespace Wopr.Operators.SignIn;

/// <summary>What an operator may do; each may what those before it may.</summary>
public enum OperatorRole
{
    /// <summary>Sees everything but customers' addresses and secrets.</summary>
    Viewer,

    /// <summary>Steers jobs.</summary>
    Operator,

    /// <summary>Also takes beacons down, and says who may sign in.</summary>
    Admin,
}

public static class OperatorRoles
{
    private static readonly Dictionary<string, OperatorRole> ByWord = Enum.GetValues<OperatorRole>().ToDictionary(Word, StringComparer.Ordinal);

    /// <summary>The word in the configuration, in the database and in claims: <c>viewer</c>.</summary>
    public static string Word(this OperatorRole role) => JsonNamingPolicy.SnakeCaseLower.ConvertName(role.ToString());

    public static OperatorRole Parse(string word) => ByWord[word];

    public static bool TryParse(string? word, out OperatorRole role)
    {
        role = default;
        return word is not null && ByWord.TryGetValue(word, out role);
    }

    /// <summary>Null for whoever is no operator.</summary>
    public static OperatorRole? Of(ClaimsPrincipal user) => TryParse(user.FindFirstValue(OperatorIdentity.RoleClaim), out var role) ? role : null;

    public static bool May(this ClaimsPrincipal user, OperatorRole least) => Of(user) >= least;
}
