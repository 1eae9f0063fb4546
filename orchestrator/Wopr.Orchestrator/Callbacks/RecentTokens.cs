using System.Collections.Concurrent;
using System.Security.Cryptography;
using Wopr.Provisioning;

namespace Wopr.Callbacks;

/// <summary>
/// Tokens, as hashes, whose report was just taken: their next report is read without asking the database first. That
/// decides nothing, for whether a token is good is asked again in the commit.
/// </summary>
internal sealed class RecentTokens(TimeProvider time)
{
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(1);
    private const int Most = 10_000;

    private readonly ConcurrentDictionary<JobId, (byte[] Hash, long At)> good = new();

    public void Remember(JobId job, byte[] hash)
    {
        if (!good.ContainsKey(job) && good.Count >= Most) good.Clear();
        good[job] = (hash, time.GetTimestamp());
    }

    public void Forget(JobId job) => good.TryRemove(job, out _);

    public bool Has(JobId job, byte[] hash) => good.TryGetValue(job, out var known) && time.GetElapsedTime(known.At) < Life && CryptographicOperations.FixedTimeEquals(known.Hash, hash);
}
