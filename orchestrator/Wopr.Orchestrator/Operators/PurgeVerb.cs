using Wopr.Audit;
using Wopr.Provisioning;
using Wopr.Provisioning.Ports;

namespace Wopr.Operators;

/// <summary>Has the cache of one job's names purged. It happens at the provider, so that it stands in the audit log before and after.</summary>
public sealed partial class PurgeVerb(CachePurge purge, AuditLog audit, ILogger<PurgeVerb> logger)
{
    private const string Action = "purge-cache";

    /// <summary>What was purged, or why it was not; null when there is no such job.</summary>
    public async Task<PurgeOutcome?> DoAsync(JobId job, Actor who, string reason, CancellationToken cancellation)
    {
        if (await purge.HostsAsync(job, cancellation) is not { } hosts) return null;
        var names = string.Join(", ", hosts);
        await audit.AppendAsync(new AuditEntry(who, Action, job, reason, AuditOutcome.Begun, Detail: names), cancellation);
        if (await purge.PurgeAsync(hosts, cancellation) is { } failure)
        {
            await audit.AppendAsync(new AuditEntry(who, Action, job, reason, AuditOutcome.Refused, failure.Code, ProviderOutcome.Describe(failure)), cancellation);
            return new PurgeOutcome(hosts, failure);
        }
        await audit.AppendAsync(new AuditEntry(who, Action, job, reason, AuditOutcome.Done, Detail: names), cancellation);
        Purged(logger, job.Value, hosts.Count);
        return new PurgeOutcome(hosts, null);
    }

    [LoggerMessage(2020, LogLevel.Information, "job {Job}: the cache of its {Count} names is purged")]
    private static partial void Purged(ILogger logger, Guid job, int count);
}

/// <param name="Failure">Null: done.</param>
public sealed record PurgeOutcome(IReadOnlyList<string> Hosts, ProviderFailure? Failure);
