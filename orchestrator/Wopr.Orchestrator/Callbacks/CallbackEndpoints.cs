using Wopr.Platform.OpenApi;
using Wopr.Provisioning;
using Wopr.Support;

namespace Wopr.Callbacks;

/// <summary>Where beacons report: <c>POST …/{id}/callback</c> with their token, under both of its addresses.</summary>
public static class CallbackEndpoints
{
    public const string TokenHeader = "X-Callback-Token";

    /// <summary>In bytes.</summary>
    public const int LargestBody = 64 * 1024;

    public static void MapCallbacks(this IEndpointRouteBuilder app)
    {
        foreach (var route in JobRoutes.All)
            // The token is all that a beacon shows, so nobody is signed in on the way.
            app.MapPost(route.Path + "/{id}/callback", TakeAsync).AllowAnonymous().ShortCircuit().WithMetadata(new CallbackDoor()).WithTags("Callbacks")
                .Named(route.Name("callBack"), "A beacon reports its progress; a repeated report is accepted and changes nothing")
                .Takes(new CallbackBody("core_modules", 60, "postgresql", "PostgreSQL answers", null, 7)).Answers(new CallbackAnswer(true), 202)
                .Refuses(401, ErrorCodes.CallbackTokenMissing).Refuses(403, ErrorCodes.CallbackTokenInvalid).Refuses(409, ErrorCodes.CallbackJobOver)
                .Refuses(413, ErrorCodes.CallbackTooLarge).Refuses(422, ErrorCodes.CallbackNotUnderstood).Refuses(429, ErrorCodes.CallbackTooMany);
    }

    private static async Task<IResult> TakeAsync(string id, HttpRequest request, CallbackStore callbacks, CancellationToken cancellation)
    {
        var token = request.Headers[TokenHeader].ToString();
        if (token.Length == 0) return Problems.Result(StatusCodes.Status401Unauthorized, ErrorCodes.CallbackTokenMissing, $"Send the token in the header {TokenHeader}.");
        if (request.ContentLength > LargestBody) return TooLarge();
        var outcome = JobId.TryParse(id, out var job) && token.Length <= 256 ? await callbacks.CheckAsync(job, token, cancellation) : CallbackOutcome.TokenInvalid;
        if (outcome != CallbackOutcome.Accepted) return Answer(outcome);

        if (await ReadAsync(request, cancellation) is not { } body) return TooLarge();
        var (report, problem) = CallbackReport.Parse(body);
        return report is null
            ? Problems.Result(StatusCodes.Status422UnprocessableEntity, ErrorCodes.CallbackNotUnderstood, $"This callback is not understood: {problem}.")
            : Answer(await callbacks.TakeAsync(job, token, report, cancellation));
    }

    private static IResult Answer(CallbackOutcome outcome) => outcome switch
    {
        CallbackOutcome.Accepted => Results.Json(new CallbackAnswer(true), statusCode: StatusCodes.Status202Accepted),
        CallbackOutcome.JobOver => Problems.Result(StatusCodes.Status409Conflict, ErrorCodes.CallbackJobOver, "This job is over; nothing more needs to be reported."),
        CallbackOutcome.TooMany => new WithRetryAfter(Problems.Result(StatusCodes.Status429TooManyRequests, ErrorCodes.CallbackTooMany, "Too many callbacks for one job; send them later.")),
        _ => Problems.Result(StatusCodes.Status403Forbidden, ErrorCodes.CallbackTokenInvalid, "Invalid callback token for this job"),
    };

    private static IResult TooLarge() =>
        Problems.Result(StatusCodes.Status413PayloadTooLarge, ErrorCodes.CallbackTooLarge, "A callback has at most 64 KiB.");

    /// <summary>The body, or null when it is larger than allowed; no more than that is ever read.</summary>
    private static async Task<ReadOnlyMemory<byte>?> ReadAsync(HttpRequest request, CancellationToken cancellation)
    {
        // Reports are short; one that does not say how long it is gets what it may have.
        var buffer = new byte[(request.ContentLength ?? LargestBody) + 1];
        var length = await request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation);
        // Said in two statements: in a conditional expression, null would become an empty memory.
        if (length > LargestBody) return null;
        return buffer.AsMemory(0, length);
    }

    private sealed class WithRetryAfter(IResult inner) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.Headers.RetryAfter = "10";
            return inner.ExecuteAsync(httpContext);
        }
    }
}

/// <summary>What a beacon sends; <see cref="CallbackReport"/> reads it.</summary>
/// <param name="Progress">0 to 100.</param>
/// <param name="Seq">Counts the beacon's reports, from 1.</param>
public sealed record CallbackBody(string Stage, int Progress, string? Module, string? Message, string? Error, int Seq);

public sealed record CallbackAnswer(bool Accepted);
