using Npgsql;
using Wopr.Support;

namespace Wopr.Platform;

/// <summary>What whoever asked is told of a request that came to nothing: its status, its code, and a sentence without inner details.</summary>
public sealed record Refusal(int Status, ErrorCode Code, string Detail)
{
    /// <summary>Of an exception that nobody caught.</summary>
    public static Refusal Of(Exception error) => error switch
    {
        BadHttpRequestException bad => new(bad.StatusCode, ErrorCodes.RequestNotUnderstood, "The request is not understood."),
        NpgsqlException full when Database.IsFull(full) => new(StatusCodes.Status503ServiceUnavailable, ErrorCodes.PoolExhausted, "The service is busy; try again in a moment."),
        NpgsqlException => new(StatusCodes.Status503ServiceUnavailable, ErrorCodes.DatabaseUnavailable, "The database does not answer; try again in a moment."),
        _ => new(StatusCodes.Status500InternalServerError, ErrorCodes.RequestFailedUnexpectedly, "Something went wrong here. It has been noted."),
    };

    /// <summary>Of a bare answer of the framework's.</summary>
    /// <param name="status">400 or more.</param>
    public static Refusal Of(int status, HttpResponse response) => status switch
    {
        StatusCodes.Status401Unauthorized => new(status, ErrorCodes.OperatorKeyRefused, "Nobody is signed in."),
        StatusCodes.Status403Forbidden => new(status, ErrorCodes.RoleTooSmall, "The role does not allow this."),
        StatusCodes.Status404NotFound or StatusCodes.Status410Gone => new(status, ErrorCodes.NotFound, "There is nothing at this address; /openapi/v1.json lists what there is."),
        StatusCodes.Status405MethodNotAllowed => new(status, ErrorCodes.RequestNotUnderstood, $"This address takes {response.Headers.Allow}."),
        StatusCodes.Status415UnsupportedMediaType => new(status, ErrorCodes.RequestNotUnderstood, "This address takes JSON."),
        StatusCodes.Status429TooManyRequests => new(status, ErrorCodes.TooManyRequests, "Too many requests; try again in a moment."),
        >= 500 => new(status, ErrorCodes.RequestFailedUnexpectedly, "Something went wrong here."),
        _ => new(status, ErrorCodes.RequestNotUnderstood, "The request is not understood."),
    };

    public IResult ToResult() => Problems.Result(Status, Code, Detail);
}
