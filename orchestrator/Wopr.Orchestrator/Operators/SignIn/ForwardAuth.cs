using System.Net;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Wopr.Platform;

namespace Wopr.Operators.SignIn;

/// <summary>
/// Operators whom a proxy in front of WOPR has signed in (Authentik's outpost). Its headers are believed from the configured
/// networks alone; from everybody else they are taken away before anything reads them.
/// </summary>
public sealed class ForwardAuth(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, Settings settings)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string UserHeader = "X-Authentik-Username";
    public const string GroupsHeader = "X-Authentik-Groups";
    private const int LongestName = 100;

    public static bool IsShownIn(HttpRequest request) => request.Headers.ContainsKey(UserHeader);

    /// <summary>Comes before the addresses that proxies forward are read: what counts here is who is really connected.</summary>
    public static Task StripAsync(HttpContext context, SignInSettings settings, RequestDelegate next)
    {
        if (!IsTrusted(context.Connection.RemoteIpAddress, settings))
        {
            context.Request.Headers.Remove(UserHeader);
            context.Request.Headers.Remove(GroupsHeader);
        }
        return next(context);
    }

    private static bool IsTrusted(IPAddress? peer, SignInSettings settings)
    {
        if (peer is null) return false;
        if (peer.IsIPv4MappedToIPv6) peer = peer.MapToIPv4();
        return settings.ForwardAuthProxies.Any(network => network.Contains(peer));
    }

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        // A name that comes twice is not a name.
        if (Request.Headers[UserHeader] is not [{ Length: > 0 and <= LongestName } user]) return Task.FromResult(AuthenticateResult.NoResult());
        var groups = Request.Headers[GroupsHeader].ToString().Split('|', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return Task.FromResult(settings.SignIn.Groups.Of(groups) is { } role
            ? AuthenticateResult.Success(new AuthenticationTicket(OperatorIdentity.OfProxy(user, role).ToPrincipal(SchemeNames.Proxy), SchemeNames.Proxy))
            : AuthenticateResult.Fail("none of the groups has a role here"));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties) => SignInAnswers.ChallengeAsync(Context);

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => SignInAnswers.ForbidAsync(Context);
}
