using System.Text.Json;
using Wopr.Audit;
using Wopr.Operators;
using Wopr.Platform;
using Wopr.Platform.OpenApi;
using Wopr.Provisioning;
using Wopr.Support;
using Wopr.Web;

namespace Wopr.Beacons;

/// <summary>The first account's link: asked for by the setup page, opened again by operators. The beacon's own door is among <see cref="AgentEndpoints"/>.</summary>
public static class FirstSignInEndpoints
{
    public static void MapFirstSignIn(this IEndpointRouteBuilder app)
    {
        var page = app.MapGroup("/setup/{id}/first-sign-in").AllowAnonymous().ExcludeFromDescription();
        page.MapPost("", AskAsync);
        page.MapGet("", LookAsync);
        app.MapPost("/api/operator/beacons/{id}/first-sign-in", OpenAsync).WithTags("Operators")
            .Named("openFirstSignIn", "Lets the customer of a finished beacon ask once more for the link of the first account; make sure first who asks")
            .Takes(new ReasonForm("the customer lost the link, and wrote from the address of the order")).Answers(new FirstSignInView(FirstSignInState.Open, null))
            .Refuses(404, ErrorCodes.NotFound).Refuses(422, ErrorCodes.RequestNotUnderstood);
    }

    private static async Task<IResult> AskAsync(string id, HttpRequest request, FirstSignIns signIns, CancellationToken cancellation)
    {
        if (!SameOrigin.IsFine(request)) return Results.StatusCode(StatusCodes.Status403Forbidden);
        if (!JobId.TryParse(id, out var job)) return NoBeacon();
        if (await ReadAsync<AskForm>(request, cancellation) is not { Key: { } text } || KeyOf(text) is not { } key)
            return Problems.Result(StatusCodes.Status422UnprocessableEntity, ErrorCodes.RequestNotUnderstood, "key is an RSA key of 2048 bits: SubjectPublicKeyInfo in base64.");
        return await signIns.AskAsync(job, key, cancellation)
            ? Results.Json(new FirstSignInView(FirstSignInState.Waiting, null), Json.Options, statusCode: StatusCodes.Status202Accepted)
            : Problems.Result(StatusCodes.Status409Conflict, ErrorCodes.FirstSignInClosed, "No link can be made here any more. Answer the welcome mail.");
    }

    private static async Task<IResult> LookAsync(string id, HttpResponse response, FirstSignIns signIns, CancellationToken cancellation)
    {
        response.Headers.CacheControl = "no-store";
        if (!JobId.TryParse(id, out var job)) return NoBeacon();
        var found = await signIns.LookAsync(job, cancellation);
        return Results.Json(new FirstSignInView(found.State, found.Sealed is { } bytes ? Convert.ToBase64String(bytes) : null), Json.Options);
    }

    private static async Task<IResult> OpenAsync(string id, HttpContext context, FirstSignIns signIns, CancellationToken cancellation)
    {
        if ((await ReadAsync<ReasonForm>(context.Request, cancellation))?.Reason?.Trim() is not { Length: > 0 and <= VerbRequest.LongestReason } reason)
            return Problems.Result(StatusCodes.Status422UnprocessableEntity, ErrorCodes.RequestNotUnderstood, $"reason says why, in 1 to {VerbRequest.LongestReason} characters.");
        return JobId.TryParse(id, out var job) && await signIns.OpenAsync(job, Actor.Of(context.User), reason, cancellation)
            ? Results.Ok(new FirstSignInView(FirstSignInState.Open, null))
            : NoBeacon();
    }

    /// <summary>The key in this text, or null when it is none.</summary>
    internal static byte[]? KeyOf(string text)
    {
        var bytes = new byte[512];
        return Convert.TryFromBase64String(text, bytes, out var length) && FirstSignIns.IsKey(bytes.AsSpan(0, length)) ? bytes[..length] : null;
    }

    private static async Task<T?> ReadAsync<T>(HttpRequest request, CancellationToken cancellation) where T : class
    {
        try
        {
            return request.HasJsonContentType() ? await request.ReadFromJsonAsync<T>(Json.Options, cancellation) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static IResult NoBeacon() => Problems.Result(StatusCodes.Status404NotFound, ErrorCodes.NotFound, "There is no finished beacon with this id.");
}

/// <param name="Sealed">Base64; RSA-OAEP with SHA-256.</param>
public sealed record FirstSignInView(FirstSignInState State, string? Sealed);

/// <param name="Key">An RSA key of 2048 bits: SubjectPublicKeyInfo in base64.</param>
public sealed record AskForm(string? Key);

public sealed record ReasonForm(string? Reason);

/// <summary>What a beacon brings for a browser that waits.</summary>
/// <param name="Key">For whom, as the heartbeat's answer said.</param>
/// <param name="Sealed">The link, in base64.</param>
public sealed record SealedSignIn(string? Key, string? Sealed);
