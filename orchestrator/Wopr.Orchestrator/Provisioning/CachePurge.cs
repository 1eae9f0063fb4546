using Wopr.Modules;
using Wopr.Provisioning.Ports;

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
