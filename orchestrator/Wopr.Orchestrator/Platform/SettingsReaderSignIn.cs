using System.Net;
using Wopr.Operators.SignIn;

namespace Wopr.Platform;

/// <summary>The part about operators' sign-in.</summary>
public sealed partial class SettingsReader
{
    private SignInSettings SignIn(bool sandbox)
    {
        var provider = Provider(sandbox);
        var groups = Groups();
        var forwardAuth = ParsedNetworks("WOPR_FORWARD_AUTH_PROXIES");
        if ((provider is not null || forwardAuth.Count > 0) && groups.Count == 0)
            problems.Add("WOPR_OPERATOR_GROUPS is missing: without it nobody whom the identity provider knows has a role (wopr-admins=admin,wopr-staff=operator)");
        return new SignInSettings(Accounts(), provider, groups, ParsedNetworks("WOPR_PROXIES"), forwardAuth);
    }

    private List<ConfiguredAccount> Accounts()
    {
        var accounts = new List<ConfiguredAccount>();
        foreach (var entry in List("WOPR_OPERATORS"))
        {
            if (entry.Split(':') is [var name, var role, var hash] && OperatorAccounts.IsName(name) && OperatorRoles.TryParse(role, out var known) && Passwords.IsHash(hash))
                accounts.Add(new(name, known, hash));
            else
                // The whole entry is not repeated: it may hold a password that was meant to be hashed.
                problems.Add($"WOPR_OPERATORS: the entry of '{entry.Split(':')[0]}' is not NAME:ROLE:HASH, with viewer, operator or admin and what --hash-password prints");
        }
        if (accounts.DistinctBy(a => a.Name).Count() != accounts.Count) problems.Add("WOPR_OPERATORS names somebody twice");
        return accounts;
    }

    private ProviderAccount? Provider(bool sandbox)
    {
        var (issuer, id, secret) = (Url("WOPR_OIDC_ISSUER"), Text("WOPR_OIDC_CLIENT_ID"), Text("WOPR_OIDC_CLIENT_SECRET"));
        if (issuer is null && id is null && secret is null) return null;
        if (issuer is null || id is null || secret is null)
        {
            problems.Add($"{(issuer is null ? "WOPR_OIDC_ISSUER" : id is null ? "WOPR_OIDC_CLIENT_ID" : "WOPR_OIDC_CLIENT_SECRET")} is missing: the identity provider's three settings belong together");
            return null;
        }
        if (issuer.Scheme != Uri.UriSchemeHttps && !(sandbox && issuer.IsLoopback)) problems.Add($"WOPR_OIDC_ISSUER '{issuer}' is not HTTPS");
        return new(issuer, id, secret);
    }

    private GroupRoles Groups()
    {
        var roles = new Dictionary<string, OperatorRole>(StringComparer.Ordinal);
        foreach (var entry in List("WOPR_OPERATOR_GROUPS"))
        {
            if (entry.LastIndexOf('=') is > 0 and var at && OperatorRoles.TryParse(entry[(at + 1)..].Trim(), out var role)) roles[entry[..at].Trim()] = role;
            else problems.Add($"WOPR_OPERATOR_GROUPS: '{entry}' is not GROUP=ROLE, with viewer, operator or admin");
        }
        return new GroupRoles(roles);
    }

    private List<IPNetwork> ParsedNetworks(string name) => [.. Networks(name).Select(n => IPNetwork.TryParse(n, out var network) ? network : default(IPNetwork?)).OfType<IPNetwork>()];

    private string[] List(string name) => (Text(name) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
