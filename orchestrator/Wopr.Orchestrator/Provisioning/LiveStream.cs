using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using Wopr.Platform;

namespace Wopr.Provisioning;

/// <summary>One reader's stream of a job, as server-sent events. Nothing is held while it waits but its place.</summary>
public sealed class LiveStream(LiveEvents events, JobId job, EventHub.Topic topic, Task<EventHub.News> next, FirstLook look, int after) : IDisposable
{
    private static readonly byte[] StillHere = ": still here\n\n"u8.ToArray();

    private Task<EventHub.News> next = next;
    private int after = after;
    private EventPage? first = look.Page;

    /// <summary>The job is over, and its reader has seen all of it.</summary>
    public bool IsPast { get; } = look.IsOver && after >= look.Last;

    /// <summary>Until the job is over or the reader has gone. Once.</summary>
    public async Task SendAsync(PipeWriter reader, CancellationToken cancellation)
    {
        reader.Write("retry: 2000\n\n"u8);
        var then = Write(first ?? throw new InvalidOperationException("it was sent already"), reader);
        first = null;
        while (true)
        {
            await reader.FlushAsync(cancellation);
            if (then == Then.Over) return;
            JobEvent? told = null;
            if (then == Then.Waits)
            {
                EventHub.News news;
                while ((news = await next.WaitAsync(cancellation)).IsPulse)
                {
                    next = news.Next;
                    await reader.WriteAsync(StillHere, cancellation);
                }
                (told, next) = Latest(news);
            }
            // No page outlives the line: a stream that waits would keep its last one.
            then = Write(await ReadAsync(told).WaitAsync(cancellation), reader);
        }
    }

    public void Dispose() => topic.Dispose();

    private Task<EventPage> ReadAsync(JobEvent? told) => topic.ReadAsync(next, after, position => events.ReadAsync(job, position, told));

    private Then Write(EventPage page, PipeWriter reader)
    {
        reader.Write(page.Text);
        after = page.Last;
        return page.IsFull ? Then.Goes : page.IsEnd ? Then.Over : Then.Waits;
    }

    /// <summary>What came, and what comes then. Where more has come meanwhile, all of it is looked up at once.</summary>
    private static (JobEvent? Told, Task<EventHub.News> Next) Latest(EventHub.News news)
    {
        if (!news.Next.IsCompleted) return (news.Row as JobEvent, news.Next);
        var then = news.Next;
        while (then.IsCompletedSuccessfully) then = then.Result.Next;
        return (null, then);
    }

    private enum Then
    {
        /// <summary>There is more already.</summary>
        Goes,
        Waits,
        Over,
    }
}

/// <summary>Where a job stands when a stream is opened.</summary>
/// <param name="Last">The number of its last event; 0 where there is none.</param>
public sealed record FirstLook(bool IsOver, int Last, EventPage Page);

/// <summary>Events as they are sent.</summary>
/// <param name="Last">The number of the last event that the reader has then.</param>
/// <param name="IsFull">There may be more.</param>
/// <param name="IsEnd">The job's last event is among them.</param>
public sealed record EventPage(byte[] Text, int Last, bool IsFull, bool IsEnd)
{
    public static EventPage Of(IReadOnlyList<JobEvent> found, int after, bool isFull)
    {
        var text = new StringBuilder();
        foreach (var one in found) text.Append(CultureInfo.InvariantCulture, $"id: {one.Seq}\nevent: {one.Kind}\ndata: {Json.Write(JobStatusReader.Entry(one))}\n\n");
        return new(Encoding.UTF8.GetBytes(text.ToString()), found.Count == 0 ? after : found[^1].Seq, isFull, found.Any(e => e.Kind == EventKind.Ended));
    }
}
