using System.Net;

namespace Wopr.Operators.SignIn;

/// <summary>Who may sign in to the console, and how.</summary>
/// <param name="Accounts">Local accounts that the configuration sets.</param>
/// <param name="Provider">The OpenID Connect provider; null: none.</param>
/// <param name="Groups">Which of its groups have which role.</param>
/// <param name="Proxies">Networks whose X-Forwarded-For and X-Forwarded-Proto are believed.</param>
/// <param name="ForwardAuthProxies">Networks whose X-Authentik headers are believed.</param>
public sealed record SignInSettings(
    IReadOnlyList<ConfiguredAccount> Accounts, ProviderAccount? Provider, GroupRoles Groups, IReadOnlyList<IPNetwork> Proxies, IReadOnlyList<IPNetwork> ForwardAuthProxies)
{
    public static readonly SignInSettings None = new([], null, GroupRoles.None, [], []);
}

public sealed record ConfiguredAccount(string Name, OperatorRole Role, string PasswordHash)
{
    public override string ToString() => $"{Name} as {Role.Word()}";
}

public sealed record ProviderAccount(Uri Issuer, string ClientId, string ClientSecret)
{
    public override string ToString() => Issuer.ToString();
}
