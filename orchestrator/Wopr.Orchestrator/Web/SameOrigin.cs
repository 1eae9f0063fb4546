namespace Wopr.Web;

/// <summary>
/// Whether a request that changes something comes from our own pages. Browsers say where it comes from (Sec-Fetch-Site, else
/// Origin); programs that say neither carry no cookie of a visitor and are let through.
/// </summary>
public static class SameOrigin
{
    public static bool IsFine(HttpRequest request) => HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || IsOwn(request);

    private static bool IsOwn(HttpRequest request)
    {
        var site = request.Headers["Sec-Fetch-Site"].ToString();
        if (site.Length > 0) return site is "same-origin" or "none";
        var origin = request.Headers.Origin.ToString();
        return origin.Length == 0 || (Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.Authority == request.Host.Value);
    }
}
