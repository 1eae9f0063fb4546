using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Wopr.Audit;
using Wopr.Support;

namespace Wopr.Operators;

/// <summary>Operators show their key as <c>Authorization: Bearer …</c>, or, in the browser, in a cookie that only this site sees.</summary>
public sealed class OperatorAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, OperatorKeys keys)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "operator-key";
    public const string CookieName = "wopr_operator";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization.ToString();
        var key = header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? header[7..].Trim() : Request.Cookies[CookieName];
        if (string.IsNullOrEmpty(key)) return AuthenticateResult.NoResult();
        if (await keys.NameAsync(key, Context.RequestAborted) is not { } name) return AuthenticateResult.Fail("the operator key is wrong");
        var identity = new ClaimsIdentity([new Claim(ClaimTypes.Name, name), new Claim(ClaimTypes.Role, ActorKind.Operator)], SchemeName);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Bearer";
        return Problems.Result(StatusCodes.Status401Unauthorized, ErrorCodes.OperatorKeyRefused, "This is for operators: send Authorization: Bearer with the operator key.").ExecuteAsync(Context);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        Problems.Result(StatusCodes.Status403Forbidden, ErrorCodes.OperatorKeyRefused, "This operator key may not do that.").ExecuteAsync(Context);
}
