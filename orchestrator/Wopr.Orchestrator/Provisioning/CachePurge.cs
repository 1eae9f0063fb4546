using Wopr.Audit;
using Wopr.Modules;
using Wopr.Provisioning.Ports;
using Wopr.Support;

namespace Wopr.Provisioning;

/// <summary>CF-001: makes the provider forget what it holds for one job's own names, and for no others.</summary>
public sealed class CachePurge(JobStore jobs, ModuleCatalogue modules, IDnsProvider dns)
{
    /// <summary>The names that were purged, or null when there is no such job.</summary>
    public async Task<ProviderResult<IReadOnlyList<string>?>> PurgeAsync(JobId id, CancellationToken cancellation)
    {
        if (await jobs.FindAsync(id, cancellation) is not { } job) return ProviderResult<IReadOnlyList<string>?>.Success(null);
        IReadOnlyList<string> hosts =
        [
            job.Fqdn,
            .. job.Modules.Select(m => modules.TryFind(m, out var module) ? module.HostOn(job.Fqdn) : null).OfType<string>().Where(host => host != job.Fqdn),
        ];
        return (await dns.PurgeCacheAsync(hosts, cancellation)).IsSuccess(out _, out var failure) ? ProviderResult<IReadOnlyList<string>?>.Success(hosts) : failure;
    }
}

public static partial class CachePurgeEndpoint
{
    /// <summary>For operators, as everything that nobody opens.</summary>
    public static void MapCachePurge(this IEndpointRouteBuilder app) =>
        app.MapPost("/api/operator/jobs/{id}/purge-cache", PurgeAsync)
            .WithTags("Operators").WithSummary("Makes Cloudflare forget what it holds for the job's names (CF-001)").Produces<PurgedHosts>();

    private static async Task<IResult> PurgeAsync(string id, HttpContext context, CachePurge purge, AuditLog audit, ILogger<CachePurge> logger, CancellationToken cancellation)
    {
        if (!JobId.TryParse(id, out var job)) return NoSuchJob();
        if (!(await purge.PurgeAsync(job, cancellation)).IsSuccess(out var hosts, out var failure))
        {
            await audit.AppendAsync(Entry(context, job, AuditOutcome.Refused, failure.Code, ProviderOutcome.Describe(failure)), cancellation);
            var status = failure.Retry == Retry.Later ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status502BadGateway;
            return Problems.Result(status, failure.Code, ProviderOutcome.Describe(failure));
        }
        if (hosts is null) return NoSuchJob();
        await audit.AppendAsync(Entry(context, job, AuditOutcome.Done, null, string.Join(", ", hosts)), cancellation);
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
