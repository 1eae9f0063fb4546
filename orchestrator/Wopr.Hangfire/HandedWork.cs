using System.Collections.Concurrent;
using Hangfire;
using Npgsql;
using Wopr.Platform;
using Wopr.Platform.Work;

namespace Wopr.Profiles;

/// <summary>Queues by priority. Servers empty them in the order of their names.</summary>
internal static class HandedQueues
{
    private const string Customers = "a-customers";
    private const string Usual = "b-usual";
    public const string Later = "c-later";

    public static readonly string[] All = [Customers, Usual, Later];

    public static string Of(int priority) => priority switch
    {
        <= 4 => Customers,
        <= 6 => Usual,
        _ => Later,
    };
}

/// <summary>What Hangfire's jobs call. They hold nothing but the name of a work item: its row is the truth.</summary>
public sealed class HandedWork(WorkHandOut handOut, WorkRun run, WorkBell bell, NpgsqlDataSource database, IHostApplicationLifetime lifetime)
{
    private static readonly ConcurrentDictionary<WorkKey, WorkLease> Driving = new();
    private static readonly SemaphoreSlim OneSuspect = new(1);

    /// <summary>What this node drives right now.</summary>
    internal static IReadOnlyCollection<WorkKey> Driven => [.. Driving.Keys];

    /// <summary>
    /// Drives the item, if it is still to be driven and nobody else does. How the run ended stands in its row, so the job
    /// succeeds however it ended, and is never tried again by Hangfire.
    /// </summary>
    /// <param name="title">For people.</param>
    [JobDisplayName("{0}")]
    public async Task RunAsync(string title, string kind, Guid subject, CancellationToken stopping)
    {
        _ = title;
        // Hangfire tells a job late that its server stops.
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, lifetime.ApplicationStopping);
        var key = new WorkKey(kind, subject);
        if (await handOut.LeaseAsync(key, suspectToo: false, either.Token) is { } lease) await DriveAsync(lease, either.Token);
        else if (await OneSuspect.WaitAsync(TimeSpan.Zero, either.Token)) await DriveSuspectAsync(key, either.Token);
    }

    /// <summary>
    /// A round of recurring work, now: one that is under way is followed by another. What keeps its own time too comes round
    /// no more often for it, for the next round is a period after this one.
    /// </summary>
    [JobDisplayName("round of {0}")]
    public async Task RoundAsync(string kind, CancellationToken stopping)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, lifetime.ApplicationStopping);
        var key = new WorkKey(kind, Guid.Empty);
        if (await handOut.LeaseAsync(key, suspectToo: false, either.Token, ahead: true) is { } lease) await DriveAsync(lease, either.Token);
        else await database.InTransactionAsync((connection, transaction) => WorkQueue.SignalAsync(connection, transaction, key), either.Token);
    }

    /// <summary>Apart from others of its kind, so that it takes none of them along.</summary>
    private async Task DriveSuspectAsync(WorkKey key, CancellationToken stopping)
    {
        try
        {
            if (await handOut.LeaseAsync(key, suspectToo: true, stopping) is { } lease) await DriveAsync(lease, stopping);
        }
        finally
        {
            OneSuspect.Release();
        }
    }

    private async Task DriveAsync(WorkLease lease, CancellationToken stopping)
    {
        Driving[lease.Key] = lease;
        try
        {
            await run.DriveAsync(lease, stopping);
        }
        finally
        {
            Driving.TryRemove(lease.Key, out _);
            bell.Ring(TimeSpan.Zero);
        }
    }
}
