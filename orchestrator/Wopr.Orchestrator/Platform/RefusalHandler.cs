using Microsoft.AspNetCore.Diagnostics;
using Npgsql;
using Wopr.Support;

namespace Wopr.Platform;

/// <summary>The last net: an exception that nobody foresaw becomes a problem with a code, and a log line for operators.</summary>
public sealed partial class RefusalHandler(ILogger<RefusalHandler> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        var (status, code, detail) = exception switch
        {
            BadHttpRequestException bad => (bad.StatusCode, ErrorCodes.RequestNotUnderstood, "The request is not understood."),
            NpgsqlException error when Database.IsFull(error) => (StatusCodes.Status503ServiceUnavailable, ErrorCodes.PoolExhausted, "The service is busy; try again in a moment."),
            NpgsqlException => (StatusCodes.Status503ServiceUnavailable, ErrorCodes.DatabaseUnavailable, "The database does not answer; try again in a moment."),
            _ => (StatusCodes.Status500InternalServerError, ErrorCodes.StepFailedUnexpectedly, "Something went wrong here. It has been noted."),
        };
        if (status >= 500) Unforeseen(logger, httpContext.GetEndpoint()?.DisplayName, code.Value, exception);
        await Problems.Result(status, code, detail).ExecuteAsync(httpContext);
        return true;
    }

    [LoggerMessage(1301, LogLevel.Error, "{Endpoint}: {Code}")]
    private static partial void Unforeseen(ILogger logger, string? endpoint, string code, Exception exception);
}
