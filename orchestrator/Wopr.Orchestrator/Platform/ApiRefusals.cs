namespace Wopr.Platform;

/// <summary>Gives the framework's own bare refusals below /api (no such address, wrong method) the shape of all others.</summary>
public sealed class ApiRefusals(RequestDelegate next)
{
    public static bool IsApi(HttpContext context) => context.Request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase);

    public async Task InvokeAsync(HttpContext context)
    {
        await next(context);
        var response = context.Response;
        if (response.HasStarted || response.StatusCode < 400 || response.ContentType is not null || response.ContentLength is not null) return;
        await Refusal.Of(response.StatusCode, response).ToResult().ExecuteAsync(context);
    }
}
