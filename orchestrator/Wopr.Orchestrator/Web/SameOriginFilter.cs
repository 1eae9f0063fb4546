using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;

namespace Wopr.Web;

/// <summary>
/// Refuses forms that another site sends. Browsers say where a request comes from (Sec-Fetch-Site, else Origin);
/// programs that say neither carry no cookie of a visitor and are let through.
/// </summary>
internal sealed class SameOriginFilter : IResourceFilter
{
    public void OnResourceExecuting(ResourceExecutingContext context)
    {
        var request = context.HttpContext.Request;
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || IsOwn(request)) return;
        // An error page may be the answer to any method; it changes nothing.
        if (request.Path.StartsWithSegments("/error", StringComparison.OrdinalIgnoreCase)) return;
        context.Result = new StatusCodeResult(StatusCodes.Status403Forbidden);
    }

    public void OnResourceExecuted(ResourceExecutedContext context)
    {
    }

    private static bool IsOwn(HttpRequest request)
    {
        var site = request.Headers["Sec-Fetch-Site"].ToString();
        if (site.Length > 0) return site is "same-origin" or "none";
        var origin = request.Headers.Origin.ToString();
        return origin.Length == 0 || (Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.Authority == request.Host.Value);
    }
}
