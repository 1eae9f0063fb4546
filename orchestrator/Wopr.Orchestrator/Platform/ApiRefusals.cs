using Wopr.Support;

namespace Wopr.Platform;

/// <summary>Gives the framework's own bare refusals below /api (no such address, wrong method) the shape of all others.</summary>
public sealed class ApiRefusals(RequestDelegate next)
{
    public async Task InvokeAsync(HttpContext context)
    {
        await next(context);
        var response = context.Response;
        if (response.HasStarted || response.ContentType is not null || !context.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal)) return;
        var problem = response.StatusCode switch
        {
            StatusCodes.Status404NotFound => Problems.Result(StatusCodes.Status404NotFound, ErrorCodes.NotFound, "There is nothing at this address; /openapi/v1.json lists what there is."),
            StatusCodes.Status405MethodNotAllowed => Problems.Result(StatusCodes.Status405MethodNotAllowed, ErrorCodes.RequestNotUnderstood, $"This address takes {response.Headers.Allow}."),
            StatusCodes.Status415UnsupportedMediaType => Problems.Result(StatusCodes.Status415UnsupportedMediaType, ErrorCodes.RequestNotUnderstood, "This address takes JSON."),
            _ => null,
        };
        if (problem is not null) await problem.ExecuteAsync(context);
    }
}
