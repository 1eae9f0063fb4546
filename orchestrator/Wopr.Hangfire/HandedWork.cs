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
    private const string Later = "c-later";

    public static readonly string[] All = [Customers, Usual, Later];

    public static string Of(int priority) => priority switch
    {
        <= 4 => Customers,
        <= 6 => Usual,
        _ => Later,
    };
}

/// <summary>What Hangfire's jobs call. They hold nothing but the name of a work item: its row is the truth.</summary>
public sealed class HandedWork(WorkHandOut handOut, WorkRun run, WorkBell bell, NpgsqlDataSource database)
{
    private static readonly ConcurrentDictionary<WorkKey, WorkLease> Driving = new();

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
        var suspectToo = !Driving.Values.Any(driven => driven.IsSuspect);
        if (await handOut.LeaseAsync(new(kind, subject), suspectToo, stopping) is not { } lease) return;
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

    /// <summary>A round of recurring work is due.</summary>
    [JobDisplayName("wake {0}")]
    public Task WakeAsync(string kind, CancellationToken stopping) =>
        database.InTransactionAsync((connection, transaction) => WorkQueue.SignalAsync(connection, transaction, new(kind, Guid.Empty)), stopping);
}
