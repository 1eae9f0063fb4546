using Wopr.Platform.Http;
using Wopr.Provisioning.Ports;
using Wopr.Support;

namespace Wopr.Cloudflare;

public sealed partial class CloudflareDns
{
    private const int PageSize = 100;

    /// <summary>20,000 records: no zone of ours is larger, so more pages mean that paging itself is broken.</summary>
    private const int MostPages = 200;

    /// <summary>
    /// For the zone as a whole: the provider allows far larger pages, but one of these is two megabytes already.
    /// </summary>
    private const int ZonePageSize = 5000;

    /// <summary>Operations in one batch on the free plan.</summary>
    internal const int LargestBatch = 200;

    /// <summary>Of how many pages the whole zone was when it was last looked at.</summary>
    private int zonePages = 1;

    public async Task<ProviderResult<IReadOnlyList<DnsRecord>>> ListRecordsAsync(IReadOnlyCollection<string> names, CancellationToken cancellation)
    {
        var wanted = names.ToHashSet(StringComparer.OrdinalIgnoreCase);
        var filters = RecordFilter.For(wanted, zone);
        // For many hosts at once the whole zone takes fewer calls, unless it has more pages than there are hosts.
        if (filters.Count > 1 && filters.Count >= Volatile.Read(ref zonePages))
        {
            var whole = await ListAsync("order=name", ZonePageSize, filters.Count, cancellation);
            if (!whole.IsSuccess(out var page, out var failure)) return failure;
            Volatile.Write(ref zonePages, page.Pages);
            if (page.Pages <= filters.Count) return page.Records.Where(r => wanted.Contains(r.Name)).ToArray();
        }

        var records = new List<DnsRecord>();
        foreach (var filter in filters)
        {
            var answer = await ListAsync(filter, cancellation);
            if (!answer.IsSuccess(out var found, out var failure)) return failure;
            records.AddRange(found.Where(r => wanted.Contains(r.Name)));
        }

        return records;
    }

    /// <summary>The provider compares comments without regard to case; this does not.</summary>
    public async Task<ProviderResult<IReadOnlyList<DnsRecord>>> ListRecordsByCommentAsync(string comment, CancellationToken cancellation)
    {
        var answer = await ListAsync($"comment.exact={Uri.EscapeDataString(comment)}", cancellation);
        return answer.IsSuccess(out var found, out var failure) ? found.Where(r => r.Comment == comment).ToArray() : failure;
    }

    public async Task<ProviderResult<IReadOnlyList<DnsRecord>>> ListRecordsByCommentStartAsync(string start, CancellationToken cancellation)
    {
        var answer = await ListAsync($"comment.startswith={Uri.EscapeDataString(start)}", cancellation);
        return answer.IsSuccess(out var found, out var failure) ? found.Where(r => r.Comment?.StartsWith(start, StringComparison.Ordinal) == true).ToArray() : failure;
    }

    public async Task<ProviderResult<IReadOnlyList<DnsRecord>>> ApplyAsync(DnsChanges changes, CancellationToken cancellation)
    {
        if (changes.IsEmpty) return Array.Empty<DnsRecord>();
        if (changes.Deletes.Count + changes.Updates.Count + changes.Creates.Count > LargestBatch)
            return transport.NotSent(ErrorCodes.CloudflareRequestRefused, $"a batch holds at most {LargestBatch} operations");
        if (!(await ZoneIdAsync(cancellation)).IsSuccess(out var id, out var failure)) return failure;

        var batch = new BatchBody(
            NullIfEmpty(changes.Deletes, d => new DeleteBody(d)),
            NullIfEmpty(changes.Updates, u => Body(u.Id, u.Data)),
            NullIfEmpty(changes.Creates, c => Body(id: null, c)));
        // Deletes and updates alone could be repeated, but a deleted record would then fail the batch: look first in any case.
        var answer = await CallAsync(
            HttpMethod.Post, "records.batch", $"zones/{id}/dns_records/batch", Repeat.OnlyWhenRefused,
            ProviderTransport.Content(batch, CloudflareJson.Default.BatchBody), CloudflareJson.Default.EnvelopeBatchResultDto, cancellation);
        if (!answer.IsSuccess(out var body, out failure)) return failure;
        return (body.Result?.Patches ?? []).Concat(body.Result?.Posts ?? []).Select(Record).ToArray();
    }

    /// <summary>Changes one record in place; its type stays. A record that is gone comes back as <see cref="Retry.LookFirst"/>.</summary>
    public async Task<ProviderResult<DnsRecord>> UpdateRecordAsync(string recordId, DnsRecordData data, CancellationToken cancellation)
    {
        if (!(await ZoneIdAsync(cancellation)).IsSuccess(out var id, out var failure)) return failure;
        var answer = await CallAsync(
            HttpMethod.Patch, "records.update", $"zones/{id}/dns_records/{Uri.EscapeDataString(recordId)}", Repeat.Freely,
            ProviderTransport.Content(Body(id: null, data), CloudflareJson.Default.RecordBody), CloudflareJson.Default.EnvelopeRecordDto, cancellation);
        if (!answer.IsSuccess(out var body, out failure)) return failure;
        return body.Result is { } record ? Record(record) : transport.Unreadable(200, Repeat.Freely);
    }

    /// <summary>True when deleted now, false when it was gone already.</summary>
    public async Task<ProviderResult<bool>> DeleteRecordAsync(string recordId, CancellationToken cancellation)
    {
        if (!(await ZoneIdAsync(cancellation)).IsSuccess(out var id, out var failure)) return failure;
        var answer = await CallAsync(
            HttpMethod.Delete, "records.delete", $"zones/{id}/dns_records/{Uri.EscapeDataString(recordId)}", Repeat.Freely,
            content: null, CloudflareJson.Default.EnvelopeJsonElement, cancellation);
        if (answer.IsSuccess(out _, out failure)) return true;
        return failure is { Status: 404, ProviderCode: "81044" } ? false : failure;
    }

    private async Task<ProviderResult<IReadOnlyList<DnsRecord>>> ListAsync(string filter, CancellationToken cancellation)
    {
        var answer = await ListAsync(filter, PageSize, MostPages, cancellation);
        if (!answer.IsSuccess(out var list, out var failure)) return failure;
        return list.Pages <= MostPages ? ProviderResult<IReadOnlyList<DnsRecord>>.Success(list.Records) : transport.Unreadable(200, Repeat.Freely);
    }

    /// <summary>
    /// All pages of a list. One of more than <paramref name="most"/> pages is given up there; what came
    /// until then is only a part, and the pages say so.
    /// </summary>
    private async Task<ProviderResult<RecordList>> ListAsync(string filter, int pageSize, int most, CancellationToken cancellation)
    {
        if (!(await ZoneIdAsync(cancellation)).IsSuccess(out var id, out var failure)) return failure;
        var records = new Dictionary<string, DnsRecord>(StringComparer.Ordinal);
        for (var page = 1; ; page++)
        {
            var answer = await CallAsync(
                HttpMethod.Get, "records.list", $"zones/{id}/dns_records?{filter}&page={page}&per_page={pageSize}", Repeat.Freely,
                content: null, CloudflareJson.Default.EnvelopeIReadOnlyListRecordDto, cancellation);
            if (!answer.IsSuccess(out var body, out failure)) return failure;
            if (body.Result is null) return transport.Unreadable(200, Repeat.Freely);
            foreach (var record in body.Result) records[record.Id] = Record(record);
            if (IsLast(page, body.Result.Count, body.ResultInfo)) return new RecordList([.. records.Values], page);
            if (page == most) return new RecordList([.. records.Values], Pages: Math.Max(page + 1, (int)(body.ResultInfo?.TotalPages ?? 0)));
        }
    }

    private sealed record RecordList(IReadOnlyList<DnsRecord> Records, int Pages);

    /// <summary>
    /// An empty page, one shorter than the provider itself calls a page, or its last by its own count. What it counts may
    /// ignore the filter, so the count never ends a list early, only late.
    /// </summary>
    private static bool IsLast(int page, int count, ResultInfoDto? info) =>
        count == 0 || count < info?.PerPage || page >= info?.TotalPages;

    private static DnsRecord Record(RecordDto r) => new(r.Id, r.Type, r.Name, r.Content ?? "", (int)(r.Ttl ?? 1), r.Proxied ?? false, r.Comment);

    private static RecordBody Body(string? id, DnsRecordData d) => new(id, d.Type, d.Name, d.Content, d.Ttl, d.Proxied, d.Comment);

    private static TTo[]? NullIfEmpty<TFrom, TTo>(IReadOnlyList<TFrom> items, Func<TFrom, TTo> map) => items.Count == 0 ? null : [.. items.Select(map)];
}
