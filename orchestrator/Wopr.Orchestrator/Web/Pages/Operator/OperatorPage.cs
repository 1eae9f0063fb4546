using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Wopr.Audit;

namespace Wopr.Web.Pages.Operator;

/// <summary>The cookie in which a browser carries the operator key: only to this site, and out of the reach of scripts.</summary>
public static class OperatorCookie
{
    public const string Name = "wopr_operator";

    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    public static void Set(HttpContext context, SiteInfo site, string key) =>
        context.Response.Cookies.Append(Name, key, Options(context, site, Lifetime));

    public static void Clear(HttpContext context, SiteInfo site) =>
        context.Response.Cookies.Delete(Name, Options(context, site, null));

    private static CookieOptions Options(HttpContext context, SiteInfo site, TimeSpan? lifetime) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        // A sandbox is often reached without HTTPS; the real service never is.
        Secure = !site.Sandbox || context.Request.IsHttps,
        Path = "/",
        MaxAge = lifetime,
        IsEssential = true,
    };
}

/// <summary>A page for operators only: whoever is not signed in is sent to the sign-in and comes back afterwards.</summary>
public abstract class OperatorPage(IOperatorSignIn signIn) : PageModel
{
    /// <summary>Who is looking.</summary>
    public Actor Operator { get; private set; } = null!;

    public override async Task OnPageHandlerExecutionAsync(PageHandlerExecutingContext context, PageHandlerExecutionDelegate next)
    {
        Response.Headers["X-Robots-Tag"] = "noindex";
        if (Request.Cookies[OperatorCookie.Name] is { Length: > 0 } key && await signIn.NameAsync(key, HttpContext.RequestAborted) is { } name)
        {
            Operator = Actor.Operator(name);
            await next();
            return;
        }

        context.Result = new RedirectResult($"/operator/sign-in?next={Uri.EscapeDataString(Request.Path)}");
    }
}
