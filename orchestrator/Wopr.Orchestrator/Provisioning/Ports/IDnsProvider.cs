namespace Wopr.Provisioning.Ports;

/// <summary>Where names come from. All names are full and in Punycode; the zone is configured.</summary>
public interface IDnsProvider
{
    /// <summary>Records of exactly these names, of whatever type, over all pages.</summary>
    Task<ProviderResult<IReadOnlyList<DnsRecord>>> ListRecordsAsync(IReadOnlyCollection<string> names, CancellationToken cancellation);

    /// <summary>Every record whose comment is exactly this.</summary>
    Task<ProviderResult<IReadOnlyList<DnsRecord>>> ListRecordsByCommentAsync(string comment, CancellationToken cancellation);

    /// <summary>One transaction: all of it or nothing.</summary>
    Task<ProviderResult<IReadOnlyList<DnsRecord>>> ApplyAsync(DnsChanges changes, CancellationToken cancellation);

    /// <summary>Empties the provider's cache of everything under these host names (CF-001).</summary>
    Task<ProviderResult<bool>> PurgeCacheAsync(IReadOnlyCollection<string> hosts, CancellationToken cancellation);
}

/// <summary>What sweeps need beyond <see cref="IDnsProvider"/>.</summary>
public interface IDnsInventory
{
    /// <summary>Every record whose comment begins so, over all pages.</summary>
    Task<ProviderResult<IReadOnlyList<DnsRecord>>> ListRecordsByCommentStartAsync(string start, CancellationToken cancellation);
}

/// <param name="Ttl">In seconds; 1 means automatic, otherwise 60 to 86400.</param>
/// <param name="Comment">What marks a record as ours.</param>
public sealed record DnsRecord(string Id, string Type, string Name, string Content, int Ttl, bool Proxied, string? Comment);

/// <summary>A record to be written; <see cref="DnsRecord"/> without identity.</summary>
public sealed record DnsRecordData(string Type, string Name, string Content, int Ttl, bool Proxied, string Comment);

/// <summary>A batch in the order in which the provider applies it: deletes, updates, creates. At most 200 operations.</summary>
public sealed record DnsChanges(
    IReadOnlyList<string> Deletes,
    IReadOnlyList<(string Id, DnsRecordData Data)> Updates,
    IReadOnlyList<DnsRecordData> Creates)
{
    /// <summary>How many operations.</summary>
    public int Count => Deletes.Count + Updates.Count + Creates.Count;

    public bool IsEmpty => Count == 0;
}
