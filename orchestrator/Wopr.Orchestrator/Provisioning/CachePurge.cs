using Wopr.Audit;
using Wopr.Modules;
using Wopr.Platform.OpenApi;
using Wopr.Provisioning.Ports;
using Wopr.Support;

namespace Wopr.Provisioning;

/// <summary>CF-001: makes the provider forget what it holds for one job's own names, and for no others.</summary>
public sealed class CachePurge(JobStore jobs, ModuleCatalogue modules, IDnsProvider dns)
{
    /// <summary>The job's names, or null when there is no such job.</summary>
    public async Task<IReadOnlyList<string>?> HostsAsync(JobId id, CancellationToken cancellation) => await jobs.FindAsync(id, cancellation) is not { } job
        ? null
        :
        [
            job.Fqdn,
            .. job.Modules.Select(m => modules.TryFind(m, out var module) ? module.HostOn(job.Fqdn) : null).OfType<string>().Where(host => host != job.Fqdn),
        ];

    /// <summary>Null, or why it was refused.</summary>
    public async Task<ProviderFailure?> PurgeAsync(IReadOnlyList<string> hosts, CancellationToken cancellation) =>
        (await dns.PurgeCacheAsync(hosts, cancellation)).Failure;
}

public static partial class CachePurgeEndpoint
{
    /// <summary>For operators, as everything that nobody opens.</summary>
    public static void MapCachePurge(this IEndpointRouteBuilder app) =>
        app.MapPost("/api/operator/jobs/{id}/purge-cache", PurgeAsync)
            .WithTags("Operators").Named("purgeCache", "Makes Cloudflare forget what it holds for the job's names (CF-001)")
            .Answers(new PurgedHosts(["alice.beacons.example", "cloud.alice.beacons.example"])).Refuses(404, ErrorCodes.NotFound)
            .Refuses(502, ErrorCodes.CloudflareTokenRefused).Refuses(503, ErrorCodes.CloudflareUnavailable);

    private static async Task<IResult> PurgeAsync(string id, HttpContext context, CachePurge purge, AuditLog audit, ILogger<CachePurge> logger, CancellationToken cancellation)
    {
        if (!JobId.TryParse(id, out var job) || await purge.HostsAsync(job, cancellation) is not { } hosts) return NoSuchJob();
        var names = string.Join(", ", hosts);
        await audit.AppendAsync(Entry(context, job, AuditOutcome.Begun, null, names), cancellation);
        if (await purge.PurgeAsync(hosts, cancellation) is { } failure)
        {
            await audit.AppendAsync(Entry(context, job, AuditOutcome.Refused, failure.Code, ProviderOutcome.Describe(failure)), cancellation);
            var status = failure.Retry == Retry.Later ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status502BadGateway;
            return Problems.Result(status, failure.Code, ProviderOutcome.Describe(failure));
        }
        await audit.AppendAsync(Entry(context, job, AuditOutcome.Done, null, names), cancellation);
        Purged(logger, job.Value, hosts.Count);
        return Results.Ok(new PurgedHosts(hosts));
    }

    private static AuditEntry Entry(HttpContext context, JobId job, string outcome, ErrorCode? code, string detail) =>
        new(Actor.Of(context.User), "purge-cache", job, AuditEntry.NoReason, outcome, code, detail);

    private static IResult NoSuchJob() => Problems.Result(StatusCodes.Status404NotFound, ErrorCodes.NotFound, "There is no job with this id.");

    [LoggerMessage(2020, LogLevel.Information, "job {Job}: the cache of its {Count} names is purged")]
    private static partial void Purged(ILogger logger, Guid job, int count);
}

public sealed record PurgedHosts(IReadOnlyList<string> Purged);
