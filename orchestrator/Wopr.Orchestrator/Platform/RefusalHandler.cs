using Microsoft.AspNetCore.Diagnostics;

namespace Wopr.Platform;

/// <summary>
/// The last net: an exception that nobody foresaw becomes a log line for operators, and a problem with a code. People at a page
/// get the page of errors, which the framework makes when this has not answered.
/// </summary>
public sealed partial class RefusalHandler(ILogger<RefusalHandler> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        var refusal = Refusal.Of(exception);
        if (refusal.Status >= 500) Unforeseen(logger, httpContext.Features.Get<IExceptionHandlerFeature>()?.Endpoint?.DisplayName, refusal.Code.Value, exception);
        if (!ApiRefusals.IsApi(httpContext)) return false;
        await refusal.ToResult().ExecuteAsync(httpContext);
        return true;
    }

    [LoggerMessage(1301, LogLevel.Error, "{Endpoint}: {Code}")]
    private static partial void Unforeseen(ILogger logger, string? endpoint, string code, Exception exception);
}
