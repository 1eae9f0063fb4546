using Microsoft.AspNetCore.Authentication.Cookies;
using Wopr.Platform;

namespace Wopr.Operators.SignIn;

/// <summary>The cookie in which a browser carries its session: signed and sealed, only to this site, out of the reach of scripts.</summary>
internal static class SessionCookie
{
    public const string Name = "wopr_operator";

    /// <summary>From the sign-in; using it does not lengthen it.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromHours(8);

    public static void Configure(CookieAuthenticationOptions options, Settings settings)
    {
        options.Cookie.Name = Name;
        options.Cookie.HttpOnly = true;
        // Links from elsewhere open the console; forms from elsewhere are refused by their missing token and their origin.
        options.Cookie.SameSite = SameSiteMode.Lax;
        options.Cookie.SecurePolicy = SecurePolicy(settings);
        options.ExpireTimeSpan = Life;
        options.SlidingExpiration = false;
        options.Events = new CookieAuthenticationEvents
        {
            OnRedirectToLogin = context => SignInAnswers.ChallengeAsync(context.HttpContext),
            OnRedirectToAccessDenied = context => SignInAnswers.ForbidAsync(context.HttpContext),
            OnValidatePrincipal = ValidateAsync,
        };
    }

    /// <summary>A sandbox is often reached without HTTPS; the real service never is.</summary>
    public static CookieSecurePolicy SecurePolicy(Settings settings) => settings.Sandbox ? CookieSecurePolicy.SameAsRequest : CookieSecurePolicy.Always;

    /// <summary>A key that was revoked or an account that was changed ends its sessions at once.</summary>
    private static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        var desk = context.HttpContext.RequestServices.GetRequiredService<ISignInDesk>();
        if (context.Principal is null || OperatorIdentity.Of(context.Principal) is not { } who || !await desk.StillHoldsAsync(who, context.HttpContext.RequestAborted))
            context.RejectPrincipal();
    }
}
