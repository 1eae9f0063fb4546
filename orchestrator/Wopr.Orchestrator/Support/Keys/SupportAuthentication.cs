using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;
using Wopr.Audit;
using Wopr.Operators.SignIn;
using Wopr.Web;

namespace Wopr.Support.Keys;

/// <summary>Support keys are shown as <c>Authorization: Bearer wopr_sup_…</c>. They make nobody an operator.</summary>
public sealed class SupportAuthentication(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, SupportKeys keys)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "support-key";
    public const string ScopeClaim = "wopr:scope";

    private const string Prefix = "Bearer ";
    private bool tooMany;

    public static bool IsShownIn(HttpRequest request) =>
        request.Headers.Authorization.ToString().StartsWith(Prefix + SupportKeys.Prefix, StringComparison.OrdinalIgnoreCase);

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (!IsShownIn(Request)) return AuthenticateResult.NoResult();
        if (await keys.UseAsync(Request.Headers.Authorization.ToString()[Prefix.Length..].Trim(), Context.RequestAborted) is not var (key, within)) return AuthenticateResult.Fail("the support key is wrong");
        if (!within)
        {
            tooMany = true;
            return AuthenticateResult.Fail("the support key has used up its calls for this minute");
        }
        var identity = new ClaimsIdentity(
            [new Claim(ClaimTypes.Name, key.Name), new Claim(ClaimTypes.Role, ActorKind.Support), .. key.Scopes.Select(s => new Claim(ScopeClaim, SupportScopes.Word(s)))], SchemeName);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if (tooMany)
        {
            Response.Headers.RetryAfter = "60";
            return Problems.Result(StatusCodes.Status429TooManyRequests, ErrorCodes.TooManyRequests, "This support key has used up its calls for this minute.").ExecuteAsync(Context);
        }
        Response.Headers.WWWAuthenticate = "Bearer";
        return Problems.Result(StatusCodes.Status401Unauthorized, ErrorCodes.SupportKeyRefused, "Send Authorization: Bearer with a live support key or operator key.").ExecuteAsync(Context);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        Problems.Result(StatusCodes.Status403Forbidden, ErrorCodes.SupportKeyRefused, "This support key was made without the scope that this needs.").ExecuteAsync(Context);
}

/// <summary>Who may use a part of the support tier: support keys with the scope, and operators (to look, viewers too).</summary>
public sealed record ScopeRequirement(SupportScope Scope) : IAuthorizationRequirement
{
    public static string Policy(SupportScope scope) => $"support-{SupportScopes.Word(scope)}";

    public static bool IsMet(ClaimsPrincipal user, SupportScope scope) =>
        user.HasClaim(SupportAuthentication.ScopeClaim, SupportScopes.Word(scope))
        || user.May(scope is SupportScope.Read or SupportScope.Diagnose ? OperatorRole.Viewer : OperatorRole.Operator);
}

public sealed class ScopeHandler : AuthorizationHandler<ScopeRequirement>
{
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, ScopeRequirement requirement)
    {
        if (context.Resource is HttpContext { Request: var request } && ScopeRequirement.IsMet(context.User, requirement.Scope)
            && (!OperatorIdentity.IsAmbient(context.User) || SameOrigin.IsFine(request)))
            context.Succeed(requirement);
        return Task.CompletedTask;
    }
}
