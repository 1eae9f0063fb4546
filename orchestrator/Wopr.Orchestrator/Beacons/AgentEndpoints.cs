using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Wopr.Platform;
using Wopr.Platform.OpenApi;
using Wopr.Provisioning;
using Wopr.Support;

namespace Wopr.Beacons;

/// <summary>The doors of finished beacons, each opened by the beacon's own token: what it says of itself, and what it is to be.</summary>
public static class AgentEndpoints
{
    public const string TokenHeader = "X-Beacon-Token";

    /// <summary>In bytes.</summary>
    public const int LargestBody = 64 * 1024;

    public static void MapAgents(this IEndpointRouteBuilder app)
    {
        var beacon = app.MapGroup("/api/beacons/{id}").AllowAnonymous().WithTags("Beacons");
        beacon.MapPost("/heartbeat", TakeAsync).WithMetadata(new BeaconDoor()).Named("heartbeat", "A finished beacon says how it is").Takes(BeaconExamples.Heartbeat).Answers(new HeartbeatAnswer(true, null), 202)
            .Refuses(401, ErrorCodes.AgentTokenMissing).Refuses(403, ErrorCodes.AgentTokenInvalid).Refuses(413, ErrorCodes.HeartbeatNotUnderstood).Refuses(422, ErrorCodes.HeartbeatNotUnderstood).Refuses(429, ErrorCodes.AgentTooMany);
        beacon.MapPost("/sign-in", SignInAsync).WithMetadata(new BeaconDoor()).Named("sealedSignIn", "A finished beacon brings the link of its first account, sealed for the browser that waits for it")
            .Takes(new SealedSignIn("MIIB…", "q83v…")).AnswersRaw(204).Refuses(401, ErrorCodes.AgentTokenMissing).Refuses(403, ErrorCodes.AgentTokenInvalid).Refuses(409, ErrorCodes.FirstSignInClosed)
            .Refuses(422, ErrorCodes.HeartbeatNotUnderstood).Refuses(429, ErrorCodes.AgentTooMany);
        beacon.MapGet("/plan", PlanAsync).WithMetadata(new BeaconDoor()).Named("plan", "What a finished beacon is to consist of; with an ETag").ReadsHeader("If-None-Match", "The ETag of the plan that is known")
            .Answers(BeaconExamples.Plan).AnswersRaw(304).Refuses(401, ErrorCodes.AgentTokenMissing).Refuses(403, ErrorCodes.AgentTokenInvalid).Refuses(429, ErrorCodes.AgentTooMany);
    }

    private static async Task<IResult> TakeAsync(string id, HttpRequest request, AgentStore agents, FirstSignIns signIns, CancellationToken cancellation)
    {
        if (request.ContentLength > LargestBody) return TooLarge();
        var (job, token, refusal) = await AdmitAsync(id, request, agents, cancellation);
        if (refusal is not null) return refusal;
        if (await ReadAsync(request.Body, cancellation) is not { } body) return TooLarge();
        var (heartbeat, problem) = Heartbeat.Parse(body);
        if (heartbeat is null) return Problems.Result(StatusCodes.Status422UnprocessableEntity, ErrorCodes.HeartbeatNotUnderstood, $"This heartbeat is not understood: {problem}.");
        var outcome = await agents.TakeAsync(job, token, heartbeat, cancellation);
        if (outcome != AgentOutcome.Accepted) return Refusal(outcome);
        var waiting = await signIns.WaitingKeyAsync(job, cancellation);
        return Results.Json(new HeartbeatAnswer(true, waiting is null ? null : Convert.ToBase64String(waiting)), Json.Options, statusCode: StatusCodes.Status202Accepted);
    }

    private static async Task<IResult> SignInAsync(string id, HttpRequest request, AgentStore agents, FirstSignIns signIns, CancellationToken cancellation)
    {
        var (job, _, refusal) = await AdmitAsync(id, request, agents, cancellation);
        if (refusal is not null) return refusal;
        if (await ReadAsync(request.Body, cancellation) is not { } body) return TooLarge();
        if (SealedOf(body) is not var (key, bytes)) return Problems.Result(StatusCodes.Status422UnprocessableEntity, ErrorCodes.HeartbeatNotUnderstood, "Send key and sealed, both in base64.");
        return await signIns.SealAsync(job, key, bytes, cancellation)
            ? Results.StatusCode(StatusCodes.Status204NoContent)
            : Problems.Result(StatusCodes.Status409Conflict, ErrorCodes.FirstSignInClosed, "Nobody waits for it with this key.");
    }

    private static (byte[] Key, byte[] Sealed)? SealedOf(ReadOnlyMemory<byte> body)
    {
        try
        {
            if (JsonSerializer.Deserialize<SealedSignIn>(body.Span, Json.Options) is not { Key: { } text, Sealed: { } link } || FirstSignInEndpoints.KeyOf(text) is not { } key) return null;
            var bytes = new byte[FirstSignIns.SealedBytes];
            return Convert.TryFromBase64String(link, bytes, out var length) && length == bytes.Length ? (key, bytes) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static async Task<IResult> PlanAsync(string id, HttpContext context, AgentStore agents, PlanStore plans, CancellationToken cancellation)
    {
        var (job, _, refusal) = await AdmitAsync(id, context.Request, agents, cancellation);
        if (refusal is not null) return refusal;
        if (await plans.FindAsync(job, cancellation) is not { } plan) return Refusal(AgentOutcome.TokenInvalid);
        var text = Json.Write(plan);
        // Of the content and not of its number, which may be given anew after a restore of the database.
        var etag = $"\"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..32]}\"";
        context.Response.Headers.ETag = etag;
        context.Response.Headers.CacheControl = "no-cache";
        return context.Request.Headers.IfNoneMatch.ToString() == etag ? Results.StatusCode(StatusCodes.Status304NotModified) : Results.Text(text, "application/json");
    }

    private static async Task<(JobId Job, string Token, IResult? Refusal)> AdmitAsync(string id, HttpRequest request, AgentStore agents, CancellationToken cancellation)
    {
        var token = request.Headers[TokenHeader].ToString();
        if (token.Length == 0) return (default, token, Problems.Result(StatusCodes.Status401Unauthorized, ErrorCodes.AgentTokenMissing, $"Send the token in the header {TokenHeader}."));
        var outcome = JobId.TryParse(id, out var job) && token.Length <= 256 ? await agents.CheckAsync(job, token, cancellation) : AgentOutcome.TokenInvalid;
        // In seconds: until the window in which calls are counted is over.
        if (outcome == AgentOutcome.TooMany) request.HttpContext.Response.Headers.RetryAfter = "60";
        return (job, token, outcome == AgentOutcome.Accepted ? null : Refusal(outcome));
    }

    private static IResult Refusal(AgentOutcome outcome) => outcome == AgentOutcome.TooMany
        ? Problems.Result(StatusCodes.Status429TooManyRequests, ErrorCodes.AgentTooMany, "Too many calls of one beacon; come back in a minute.")
        : Problems.Result(StatusCodes.Status403Forbidden, ErrorCodes.AgentTokenInvalid, "Invalid token for this beacon");

    private static IResult TooLarge() =>
        Problems.Result(StatusCodes.Status413PayloadTooLarge, ErrorCodes.HeartbeatNotUnderstood, "A heartbeat has at most 64 KiB.");

    /// <summary>The body, or null when it is larger than allowed; no more than that is ever read.</summary>
    private static async Task<ReadOnlyMemory<byte>?> ReadAsync(Stream body, CancellationToken cancellation)
    {
        var buffer = new byte[LargestBody + 1];
        var length = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation);
        if (length > LargestBody) return null;
        return buffer.AsMemory(0, length);
    }
}

/// <param name="SignInKey">The key of a browser that waits for the first account's link; null when none does.</param>
public sealed record HeartbeatAnswer(bool Accepted, string? SignInKey);
