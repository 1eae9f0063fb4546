namespace Wopr.Web;

/// <summary>What browsers are told about every answer.</summary>
internal static class PageHeaders
{
    /// <summary>
    /// Own files only: no inline script or style, no frames, nothing from elsewhere. Forms are our own too, but the order's is
    /// answered with the way to the payment page, and browsers hold that way to this list.
    /// </summary>
    private static string ContentPolicy(SiteInfo site) =>
        $"default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action {string.Join(' ', new[] { "'self'", site.PaymentOrigin }.Where(o => o is not null))}; base-uri 'none'; frame-ancestors 'none'";

    public static Task ApplyAsync(HttpContext context, RequestDelegate next)
    {
        context.Response.OnStarting(static state =>
        {
            Apply((HttpContext)state);
            return Task.CompletedTask;
        }, context);
        return next(context);
    }

    private static void Apply(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        // The address of a setup page opens it: it must not travel to other sites.
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        if (!IsPage(context)) return;
        if (headers.ContentSecurityPolicy.Count == 0) headers.ContentSecurityPolicy = ContentPolicy(context.RequestServices.GetRequiredService<SiteInfo>());
        if (headers.CacheControl.Count == 0) headers.CacheControl = "no-store";
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()";
    }

    private static bool IsPage(HttpContext context) =>
        context.Response.ContentType?.StartsWith("text/html", StringComparison.OrdinalIgnoreCase) == true
        && !context.Request.Path.StartsWithSegments("/hangfire", StringComparison.OrdinalIgnoreCase);
}
