using Dapper;
using Npgsql;
using Wopr.Platform;

namespace Wopr.Provisioning;

/// <summary>A job's events as they happen. Streams of one job share what is read and written for them, and all of them one timer.</summary>
public sealed class LiveEvents : IDisposable
{
    private const int Most = 200;

    // Proxies close a silent connection after a minute or less. One part of all streams has its turn each second.
    private const int HeartbeatSeconds = 15;

    private readonly NpgsqlDataSource database;
    private readonly JobEvents events;
    private readonly EventHub hub;
    private readonly ITimer heartbeat;
    private int beats;

    public LiveEvents(NpgsqlDataSource database, JobEvents events, EventHub hub, TimeProvider time)
    {
        (this.database, this.events, this.hub) = (database, events, hub);
        var second = TimeSpan.FromSeconds(1);
        // It belongs to nobody, also not to the request that happens to be the first.
        using (ExecutionContext.SuppressFlow())
            heartbeat = time.CreateTimer(_ => hub.Pulse(Interlocked.Increment(ref beats) % HeartbeatSeconds, HeartbeatSeconds), null, second, second);
    }

    public void Dispose() => heartbeat.Dispose();

    /// <summary>What comes after a position; null where there is no such job. The caller disposes of it.</summary>
    public async Task<LiveStream?> OpenAsync(JobId job, int after, CancellationToken cancellation)
    {
        var topic = hub.Join(job.Value);
        LiveStream? stream = null;
        try
        {
            // Taken before the first look: what comes meanwhile is not missed.
            var next = topic.Next;
            if (await topic.ReadAsync(next, after, position => FirstAsync(job, position)).WaitAsync(cancellation) is { } first)
                stream = new(this, job, topic, next, first, after);
            return stream;
        }
        finally
        {
            if (stream is null) topic.Dispose();
        }
    }

    private async Task<FirstLook?> FirstAsync(JobId job, int after)
    {
        await using var connection = await database.OpenConnectionAsync();
        await using var found = await connection.QueryMultipleAsync($"""
            SELECT ended_at IS NOT NULL AS is_over, (SELECT coalesce(max(seq), 0) FROM events WHERE job_id = @id) AS last FROM jobs WHERE id = @id;
            {JobEvents.ListSql}
            """, new { id = job.Value, after, limit = Most });
        return await found.ReadSingleOrDefaultAsync<JobEnd>() is { } end ? new(end.IsOver, end.Last, PageOf(await JobEvents.ReadAsync(found), after)) : null;
    }

    /// <summary>Events have no gaps between their numbers: one that was told and is the next, or is known, need not be looked up.</summary>
    internal async Task<EventPage> ReadAsync(JobId job, int after, JobEvent? told) => told switch
    {
        { } next when next.Seq == after + 1 => PageOf([next], after),
        { } known when known.Seq <= after => PageOf([], after),
        _ => PageOf(await events.ListAsync(job, after, Most, CancellationToken.None), after),
    };

    private static EventPage PageOf(IReadOnlyList<JobEvent> found, int after) => EventPage.Of(found, after, isFull: found.Count == Most);

    /// <param name="Last">0 where there is none.</param>
    private sealed record JobEnd(bool IsOver, int Last);
}
