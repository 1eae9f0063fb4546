using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using Dapper;
using Npgsql;
using Wopr.Platform;

namespace Wopr.Provisioning;

/// <summary>
/// A job's events as they happen, as server-sent events. Nothing is held while a stream waits but its place; streams of one job
/// share what is read and written for them.
/// </summary>
public sealed class LiveEvents(NpgsqlDataSource database, JobEvents events, EventHub hub)
{
    // Proxies close a silent connection after a minute or less.
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);
    private static readonly byte[] StillHere = ": still here\n\n"u8.ToArray();

    private const int Most = 200;

    /// <summary>Whether the job is over, and the number of its last event; null where there is no such job.</summary>
    public async Task<StreamEnd?> EndAsync(JobId job, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await connection.QuerySingleOrDefaultAsync<StreamEnd>(new CommandDefinition("""
            SELECT ended_at IS NOT NULL AS is_over, (SELECT coalesce(max(seq), 0) FROM events WHERE job_id = @id) AS last FROM jobs WHERE id = @id
            """, new { id = job.Value }, cancellationToken: cancellation));
    }

    /// <summary>Sends what comes after a position until the job is over or the reader has gone.</summary>
    public async Task SendAsync(JobId job, int after, PipeWriter reader, CancellationToken cancellation)
    {
        using var topic = hub.Join(job.Value);
        reader.Write("retry: 2000\n\n"u8);
        var next = topic.Next;
        JobEvent? told = null;
        while (!cancellation.IsCancellationRequested)
        {
            var known = told;
            var page = await topic.ReadAsync(next, after, position => ReadAsync(job, position, known)).WaitAsync(cancellation);
            reader.Write(page.Text);
            await reader.FlushAsync(cancellation);
            after = page.Last;
            told = null;
            if (page.IsFull) continue;
            if (page.IsEnd) return;
            while (!await CameAsync(next, cancellation)) await reader.WriteAsync(StillHere, cancellation);
            (told, next) = Latest(await next);
        }
    }

    /// <summary>What came, and what comes then. Where more has come meanwhile, all of it is looked up at once.</summary>
    private static (JobEvent? Told, Task<EventHub.News> Next) Latest(EventHub.News news)
    {
        if (!news.Next.IsCompleted) return (news.Row as JobEvent, news.Next);
        var next = news.Next;
        while (next.IsCompletedSuccessfully) next = next.Result.Next;
        return (null, next);
    }

    private static async Task<bool> CameAsync(Task news, CancellationToken cancellation)
    {
        // Quietly, for a heartbeat is no exception.
        await news.WaitAsync(Heartbeat, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellation.ThrowIfCancellationRequested();
        return news.IsCompleted;
    }

    /// <summary>Events have no gaps between their numbers: one that was told and is the next, or is known, need not be looked up.</summary>
    private async Task<Page> ReadAsync(JobId job, int after, JobEvent? told) => told switch
    {
        { } next when next.Seq == after + 1 => PageOf([next], after),
        { } known when known.Seq <= after => PageOf([], after),
        _ => PageOf(await events.ListAsync(job, after, Most, CancellationToken.None), after),
    };

    private static Page PageOf(IReadOnlyList<JobEvent> found, int after)
    {
        var text = new StringBuilder();
        foreach (var one in found) text.Append(CultureInfo.InvariantCulture, $"id: {one.Seq}\nevent: {one.Kind}\ndata: {Json.Write(JobStatusReader.Entry(one))}\n\n");
        return new Page(Encoding.UTF8.GetBytes(text.ToString()), found.Count == 0 ? after : found[^1].Seq, found.Count == Most, found.Any(e => e.Kind == EventKind.Ended));
    }

    private sealed record Page(byte[] Text, int Last, bool IsFull, bool IsEnd);
}

/// <param name="Last">0 where there is none.</param>
public sealed record StreamEnd(bool IsOver, int Last);
