using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Wopr.Operators.SignIn;

/// <summary>Programs show their key as <c>Authorization: Bearer …</c>.</summary>
public sealed class KeyAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, OperatorKeys keys)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    private const string Prefix = "Bearer ";

    public static bool IsShownIn(HttpRequest request) => request.Headers.Authorization.ToString().StartsWith(Prefix, StringComparison.OrdinalIgnoreCase);

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (!IsShownIn(Request)) return AuthenticateResult.NoResult();
        return await keys.FindAsync(Request.Headers.Authorization.ToString()[Prefix.Length..].Trim(), Context.RequestAborted) is { } known
            ? AuthenticateResult.Success(new AuthenticationTicket(OperatorIdentity.OfKey(known).ToPrincipal(SchemeNames.Key), SchemeNames.Key))
            : AuthenticateResult.Fail("the operator key is wrong");
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties) => SignInAnswers.ChallengeAsync(Context);

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => SignInAnswers.ForbidAsync(Context);
}
