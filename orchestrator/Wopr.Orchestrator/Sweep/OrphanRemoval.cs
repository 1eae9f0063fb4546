using System.Globalization;
using Wopr.Provisioning;
using Wopr.Provisioning.Ports;
using Wopr.Support;

namespace Wopr.Sweep;

/// <summary>
/// Removes orphans, each only after another look: at the thing itself, that it is still there and still carries the same
/// mark, and at the database, that its job is still not live.
/// </summary>
public sealed partial class OrphanRemoval(IClouds clouds, IDnsProvider dns, OrphanStore orphans, ILogger<OrphanRemoval> logger)
{
    /// <summary>How many removals were asked for.</summary>
    /// <param name="due">Of what was seen.</param>
    public async Task<int> RemoveAsync(IReadOnlyList<OrphanRow> due, Inventory seen, CancellationToken cancellation)
    {
        var removed = 0;
        foreach (var orphan in due)
        {
            var result = await RemoveOneAsync(orphan, seen, cancellation);
            if (result.IsSuccess(out var asked, out var failure))
            {
                if (!asked) continue;
                removed++;
                Removed(logger, orphan.Kind, orphan.ProviderId, orphan.JobId, orphan.Why);
            }
            await orphans.RemovedAsync(orphan, failure is null ? null : ProviderOutcome.Describe(failure), cancellation);
        }
        return removed;
    }

    /// <summary>False when another look shows that there is nothing to remove.</summary>
    private async Task<ProviderResult<bool>> RemoveOneAsync(OrphanRow orphan, Inventory seen, CancellationToken cancellation)
    {
        JobId? job = orphan.JobId is { } value ? new JobId(value) : null;
        var kind = OrphanKinds.Parse(orphan.Kind);
        if (kind == OrphanKind.DnsRecord) return job is { } own ? await RemoveRecordAsync(orphan.ProviderId, own, cancellation) : false;
        var (id, cloud) = (long.Parse(orphan.ProviderId, CultureInfo.InvariantCulture), clouds.Of(seen.Project));
        if (kind == OrphanKind.Server) return await RemoveServerAsync(cloud, id, job, cancellation);

        // Seen a moment ago with our label and of no use to any server; whatever has come to need it meanwhile makes the provider refuse.
        var finder = await orphans.FinderAsync(job is { } known ? [known] : [], cancellation);
        if (finder.Find(seen).All(o => o.Kind != kind || o.Id != orphan.ProviderId || !o.Removable)) return false;
        return kind switch
        {
            OrphanKind.PrimaryIp => await cloud.DeletePrimaryIpAsync(id, cancellation),
            OrphanKind.Volume => await cloud.DeleteVolumeAsync(id, cancellation),
            OrphanKind.Firewall => await cloud.DeleteFirewallAsync(id, cancellation),
            _ => false,
        };
    }

    private async Task<ProviderResult<bool>> RemoveServerAsync(ICloud cloud, long id, JobId? job, CancellationToken cancellation)
    {
        if (!(await cloud.GetServerAsync(id, cancellation)).IsSuccess(out var server, out var failure)) return failure;
        if (server is null || !InventoryReader.IsOurs(server.Labels) || OrphanFinder.JobOf(server.Labels) != job) return false;
        var finder = await orphans.FinderAsync(job is { } known ? [known] : [], cancellation);
        if (finder.Judge(server) is null) return false;
        return (await cloud.DeleteServerAsync(id, cancellation)).IsSuccess(out _, out failure) ? true : failure;
    }

    private async Task<ProviderResult<bool>> RemoveRecordAsync(string id, JobId job, CancellationToken cancellation)
    {
        if (!(await dns.ListRecordsByCommentAsync(Job.DnsCommentOf(job), cancellation)).IsSuccess(out var records, out var failure)) return failure;
        if (records.FirstOrDefault(r => r.Id == id) is not { } record) return false;
        if ((await orphans.FinderAsync([job], cancellation)).Judge(record) is null) return false;
        if ((await dns.ApplyAsync(new([id], [], []), cancellation)).IsSuccess(out _, out failure)) return true;
        // A lost answer, or somebody was faster: the next look tells.
        return failure.Retry == Retry.LookFirst ? true : failure;
    }

    [LoggerMessage(5101, LogLevel.Warning, "removed orphan {Kind} {Id} of job {Job}: {Why}")]
    private static partial void Removed(ILogger logger, string kind, string id, Guid? job, string why);
}
