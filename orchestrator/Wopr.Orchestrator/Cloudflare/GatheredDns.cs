using Wopr.Platform.Http;
using Wopr.Provisioning.Ports;
using Wopr.Support;

namespace Wopr.Cloudflare;

/// <summary>
/// The names of many jobs in few calls: what they look up or write at nearly the same moment becomes one list and one
/// batch. A batch is one transaction, so a refused one has changed nothing: it is halved until the bad part stands alone
/// and its neighbours are through. After a batch of unknown effect everybody looks first, as each would alone.
/// </summary>
internal sealed class GatheredDns : IDnsProvider
{
    /// <summary>Long enough for jobs that were paid together, far too short for a customer to notice.</summary>
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(100);

    /// <summary>A look finds out for as many jobs as one batch has room for: each name gets an A and an AAAA.</summary>
    private const int MostNames = CloudflareDns.LargestBatch / 2;

    private readonly IDnsProvider dns;
    private readonly Gathering<IReadOnlyCollection<string>, IReadOnlyList<DnsRecord>> looks;
    private readonly Gathering<DnsChanges, IReadOnlyList<DnsRecord>> writes;

    /// <summary>How many jobs share a batch at most: fewer after one of unknown effect, so that none can drag all others along for ever.</summary>
    private int together = CloudflareDns.LargestBatch;

    public GatheredDns(IDnsProvider dns, Pause pause)
    {
        this.dns = dns;
        looks = new(Window, MostNames, names => names.Count, pause, LookAsync);
        writes = new(Window, CloudflareDns.LargestBatch, changes => changes.Count, pause, WriteAsync);
    }

    public Task<ProviderResult<IReadOnlyList<DnsRecord>>> ListRecordsAsync(IReadOnlyCollection<string> names, CancellationToken cancellation) =>
        looks.AskAsync(names, cancellation);

    public Task<ProviderResult<IReadOnlyList<DnsRecord>>> ListRecordsByCommentAsync(string comment, CancellationToken cancellation) =>
        dns.ListRecordsByCommentAsync(comment, cancellation);

    public Task<ProviderResult<IReadOnlyList<DnsRecord>>> ApplyAsync(DnsChanges changes, CancellationToken cancellation) =>
        changes.Count is 0 or > CloudflareDns.LargestBatch ? dns.ApplyAsync(changes, cancellation) : writes.AskAsync(changes, cancellation);

    public Task<ProviderResult<bool>> PurgeCacheAsync(IReadOnlyCollection<string> hosts, CancellationToken cancellation) =>
        dns.PurgeCacheAsync(hosts, cancellation);

    private async Task LookAsync(IReadOnlyList<Asking<IReadOnlyCollection<string>, IReadOnlyList<DnsRecord>>> group)
    {
        var names = group.SelectMany(a => a.Ask).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var answer = await dns.ListRecordsAsync(names, CancellationToken.None);
        if (!answer.IsSuccess(out var records, out var failure))
        {
            foreach (var asking in group) asking.Answer(failure);
            return;
        }

        var byName = records.ToLookup(r => r.Name, StringComparer.OrdinalIgnoreCase);
        foreach (var asking in group) asking.Answer(asking.Ask.Distinct(StringComparer.OrdinalIgnoreCase).SelectMany(name => byName[name]).ToArray());
    }

    private async Task WriteAsync(IReadOnlyList<Asking<DnsChanges, IReadOnlyList<DnsRecord>>> group)
    {
        foreach (var some in group.Chunk(Volatile.Read(ref together))) await WriteTogetherAsync(some);
    }

    private async Task WriteTogetherAsync(Asking<DnsChanges, IReadOnlyList<DnsRecord>>[] group)
    {
        group = [.. group.Where(a => a.IsWanted)];
        if (group.Length == 0) return;
        var all = new DnsChanges([.. group.SelectMany(a => a.Ask.Deletes)], [.. group.SelectMany(a => a.Ask.Updates)], [.. group.SelectMany(a => a.Ask.Creates)]);
        if ((await dns.ApplyAsync(all, CancellationToken.None)).IsSuccess(out var records, out var failure))
        {
            Volatile.Write(ref together, Math.Min(CloudflareDns.LargestBatch, Volatile.Read(ref together) * 2));
            foreach (var asking in group) asking.Answer(records.Where(r => IsOf(asking.Ask, r)).ToArray());
        }
        else if (group.Length > 1 && IsAboutOneOfThem(failure))
        {
            await WriteTogetherAsync(group[..(group.Length / 2)]);
            await WriteTogetherAsync(group[(group.Length / 2)..]);
        }
        else
        {
            if (failure.Retry == Retry.LookFirst && group.Length > 1) Volatile.Write(ref together, group.Length / 2);
            foreach (var asking in group) asking.Answer(failure);
        }
    }

    /// <summary>A definite refusal of the content: not of the token, not of the pace, and not one whose effect is unknown.</summary>
    private static bool IsAboutOneOfThem(ProviderFailure failure) =>
        failure is { Status: >= 400 and < 500, Retry: Retry.Never or Retry.LookFirst } && failure.Code != ErrorCodes.CloudflareTokenRefused;

    private static bool IsOf(DnsChanges changes, DnsRecord record) =>
        changes.Updates.Any(u => u.Id == record.Id)
        || changes.Creates.Any(c => c.Type == record.Type && c.Comment == record.Comment && string.Equals(c.Name, record.Name, StringComparison.OrdinalIgnoreCase));
}
