using Wopr.Provisioning.Ports;
using Wopr.Support;

namespace Wopr.Provisioning.Steps;

/// <summary>
/// Gives the beacon its names: A and AAAA for the apex and the wildcard, in one transaction. Ours are recognised by their
/// comment; an identical record is adopted, our own stale one is updated, a foreign one is never touched (CF-003).
/// </summary>
public sealed class ConfiguringDnsStep(IDnsProvider dns) : IStep
{
    // Short, so that a beacon that moves is found again soon; the provider's least explicit value.
    private const int TtlSeconds = 60;

    public JobState State => JobState.ConfiguringDns;
    public TimeSpan? Deadline => TimeSpan.FromMinutes(30);
    public ErrorCode MissedDeadline => ErrorCodes.CloudflareUnavailable;

    public async Task<Outcome> RunAsync(StepContext context, CancellationToken cancellation)
    {
        var job = context.Job;
        var server = await context.Journal.ServerAsync(cancellation);
        if (server?.ProviderId is null) return Outcome.Next(JobState.ProvisioningVps);

        string[] names = [job.Fqdn, $"*.{job.Fqdn}"];
        if (!(await dns.ListRecordsAsync(names, cancellation)).IsSuccess(out var present, out var failure)) return ProviderOutcome.For(failure, job);
        var wanted = Wanted(job, server);
        var (changes, foreign) = Reconcile(wanted, present, job.DnsComment);
        if (foreign is null && !changes.IsEmpty)
        {
            if (!(await dns.ApplyAsync(changes, cancellation)).IsSuccess(out _, out failure))
                // Somebody wrote the same names between the look and the write: look again.
                return failure.Code == ErrorCodes.RecordExists ? Outcome.WaitUntil(TimeSpan.FromSeconds(1), "records changed meanwhile") : ProviderOutcome.For(failure, job);
            // The provider refuses no second address beside ours, and half of the visitors would go there: only a look finds it.
            if (!(await dns.ListRecordsAsync(names, cancellation)).IsSuccess(out present, out failure)) return ProviderOutcome.For(failure, job);
            (changes, foreign) = Reconcile(wanted, present, job.DnsComment);
            if (foreign is null && !changes.IsEmpty) return Outcome.WaitUntil(TimeSpan.FromSeconds(1), "the records are not yet as they were written");
        }
        if (foreign is not null)
            return Outcome.Fail(ErrorCodes.ForeignRecord, $"{foreign.Type} record {foreign.Id} for {foreign.Name} is not this job's");

        await context.Journal.IdentifyRecordsAsync([.. present.Where(p => p.Comment == job.DnsComment)], cancellation);
        return Outcome.Next(JobState.WaitingForVps);
    }

    internal static IReadOnlyList<DnsRecordData> Wanted(Job job, Resource server)
    {
        var records = new List<DnsRecordData>();
        foreach (var name in new[] { job.Fqdn, $"*.{job.Fqdn}" })
        {
            if (server.Ipv4 is { } ipv4) records.Add(new("A", name, ipv4, TtlSeconds, false, job.DnsComment));
            if (server.Ipv6 is { } ipv6) records.Add(new("AAAA", name, ipv6, TtlSeconds, false, job.DnsComment));
        }
        return records;
    }

    /// <summary>The least that must change, or the foreign record that stands in the way.</summary>
    internal static (DnsChanges Changes, DnsRecord? Foreign) Reconcile(IReadOnlyList<DnsRecordData> wanted, IReadOnlyList<DnsRecord> present, string comment)
    {
        var updates = new List<(string, DnsRecordData)>();
        var creates = new List<DnsRecordData>();
        var kept = new HashSet<string>(StringComparer.Ordinal);
        foreach (var want in wanted)
        {
            var same = present.FirstOrDefault(p => !kept.Contains(p.Id) && p.Type == want.Type && p.Name == want.Name && p.Content == want.Content);
            var stale = same ?? present.FirstOrDefault(p => !kept.Contains(p.Id) && p.Type == want.Type && p.Name == want.Name && p.Comment == comment);
            if (stale is null)
            {
                creates.Add(want);
                continue;
            }
            kept.Add(stale.Id);
            if (stale.Content != want.Content || stale.Comment != comment || stale.Proxied != want.Proxied) updates.Add((stale.Id, want));
        }
        var others = present.Where(p => !kept.Contains(p.Id) && p.Type is "A" or "AAAA" or "CNAME").Where(p => !kept.Contains(p.Id)).ToList();
        var foreign = others.FirstOrDefault(p => p.Comment != comment);
        return (new DnsChanges([.. others.Where(p => p.Comment == comment).Select(p => p.Id)], updates, creates), foreign);
    }
}
