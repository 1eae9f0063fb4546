using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;

namespace Wopr.Operators.SignIn;

/// <summary>
/// The framework's own provider of policies, but none is kept for each address: for that the framework would find all
/// addresses and pages before the service begins to listen.
/// </summary>
internal sealed class LatePolicies(IOptions<AuthorizationOptions> options) : DefaultAuthorizationPolicyProvider(options)
{
    public override bool AllowsCachingPolicies => false;
}
