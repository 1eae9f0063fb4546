using System.Security.Claims;
using Wopr.Audit;

namespace Wopr.Operators.SignIn;

/// <summary>Where an operator's identity comes from.</summary>
public enum SignInSource
{
    Key,
    Account,
    Provider,
    Proxy,
}

/// <summary>Who is signed in, as it travels with a request or in the session's cookie.</summary>
/// <param name="Name">As it stands in the audit log.</param>
/// <param name="Proof">What must still hold for the session to go on: a key's fingerprint, an account's stamp; empty for those whom others vouch for.</param>
public sealed record OperatorIdentity(SignInSource Source, string Name, OperatorRole Role, string Proof = "")
{
    public const string RoleClaim = "wopr:role";
    private const string SourceClaim = "wopr:source";
    private const string ProofClaim = "wopr:proof";

    public static OperatorIdentity OfKey(KnownKey key) => new(SignInSource.Key, key.Name, key.Role, key.Fingerprint);

    public static OperatorIdentity OfAccount(OperatorAccount account) => new(SignInSource.Account, account.Name, account.Role, account.Stamp);

    /// <summary>Marked in the audit log, so that nobody is taken for a local account of the same name.</summary>
    public static OperatorIdentity OfProvider(string user, OperatorRole role) => new(SignInSource.Provider, $"{user} (identity provider)", role);

    /// <inheritdoc cref="OfProvider"/>
    public static OperatorIdentity OfProxy(string user, OperatorRole role) => new(SignInSource.Proxy, $"{user} (proxy)", role);

    public ClaimsPrincipal ToPrincipal(string scheme) => new(new ClaimsIdentity(
        [
            new Claim(ClaimTypes.Name, Name),
            new Claim(ClaimTypes.NameIdentifier, $"{Source}:{Name}"),
            new Claim(ClaimTypes.Role, ActorKind.Operator),
            new Claim(RoleClaim, Role.Word()),
            new Claim(SourceClaim, Source.ToString()),
            new Claim(ProofClaim, Proof),
        ], scheme));

    public static OperatorIdentity? Of(ClaimsPrincipal user) =>
        user.Identity?.Name is { } name && OperatorRoles.Of(user) is { } role && Enum.TryParse<SignInSource>(user.FindFirstValue(SourceClaim), out var source)
            ? new(source, name, role, user.FindFirstValue(ProofClaim) ?? "")
            : null;

    /// <summary>True when a browser sends it along by itself, whoever made the request.</summary>
    public static bool IsAmbient(ClaimsPrincipal user) => user.Identity?.AuthenticationType is SchemeNames.Session or SchemeNames.Proxy;
}

/// <summary>The ways in which a request can say who sends it.</summary>
public static class SchemeNames
{
    /// <summary>Chooses one of the others by what the request carries.</summary>
    public const string Any = "operators";
    public const string Key = "operator-key";
    public const string Session = "operator-session";
    public const string Proxy = "operator-proxy";

    /// <summary>Not of a request: the way by which a session begins at the identity provider.</summary>
    public const string Provider = "identity-provider";
}
