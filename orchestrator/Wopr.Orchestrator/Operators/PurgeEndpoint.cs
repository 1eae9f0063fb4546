using Wopr.Audit;
using Wopr.Platform.OpenApi;
using Wopr.Provisioning;
using Wopr.Provisioning.Ports;
using Wopr.Support;

namespace Wopr.Operators;

public static class PurgeEndpoint
{
    public static void MapCachePurge(this IEndpointRouteBuilder app) =>
        app.MapPost("/api/operator/jobs/{id}/purge-cache", PurgeAsync)
            .WithTags("Operators").Named("purgeCache", "Makes Cloudflare forget what it holds for the job's names (CF-001)")
            .Answers(new PurgedHosts(["alice.beacons.example", "cloud.alice.beacons.example"])).Refuses(404, ErrorCodes.NotFound)
            .Refuses(502, ErrorCodes.CloudflareTokenRefused).Refuses(503, ErrorCodes.CloudflareUnavailable);

    private static async Task<IResult> PurgeAsync(string id, HttpContext context, PurgeVerb purge, CancellationToken cancellation)
    {
        if (!JobId.TryParse(id, out var job) || await purge.DoAsync(job, Actor.Of(context.User), AuditEntry.NoReason, cancellation) is not { } outcome)
            return Problems.Result(StatusCodes.Status404NotFound, ErrorCodes.NotFound, "There is no job with this id.");
        if (outcome.Failure is not { } failure) return Results.Ok(new PurgedHosts(outcome.Hosts));
        var status = failure.Retry == Retry.Later ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status502BadGateway;
        return Problems.Result(status, failure.Code, ProviderOutcome.Describe(failure));
    }
}

public sealed record PurgedHosts(IReadOnlyList<string> Purged);
