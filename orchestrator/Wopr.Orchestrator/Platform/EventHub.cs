using System.Collections.Concurrent;

namespace Wopr.Platform;

/// <summary>
/// Tells the live streams of this node that a subject has new events. The rows are the truth: one comes with its news only
/// where this node has just committed it.
/// </summary>
public sealed class EventHub
{
    public const string Channel = "wopr_events";

    private readonly ConcurrentDictionary<Guid, Topic> topics = new();

    /// <summary>The subject's topic, until it is left.</summary>
    public Topic Join(Guid subject)
    {
        while (true)
        {
            var topic = topics.GetOrAdd(subject, static (subject, hub) => new Topic(hub, subject), this);
            if (topic.Enter()) return topic;
            // Its last reader is leaving just now.
            topics.TryRemove(new(subject, topic));
        }
    }

    public void Publish(Guid subject, object? row = null)
    {
        if (topics.TryGetValue(subject, out var topic)) topic.Publish(row);
    }

    public void PublishAll()
    {
        foreach (var topic in topics.Values) topic.Publish(null);
    }

    /// <summary>Says to one part of all readers that nothing has happened. Whoever calls for each part in turn reaches everyone once.</summary>
    public void Pulse(int part, int parts)
    {
        foreach (var (subject, topic) in topics)
            if ((uint)subject.GetHashCode() % parts == part) topic.Publish(null, isPulse: true);
    }

    /// <summary>What all readers of one subject share. Each of them leaves it once, by disposing of it.</summary>
    public sealed class Topic(EventHub hub, Guid subject) : IDisposable
    {
        private readonly Lock gate = new();
        private TaskCompletionSource<News> next = NewNews();
        private int readers;
        private Shared? shared;

        /// <summary>Completes with the next news. Whoever takes it first and reads then misses nothing.</summary>
        public Task<News> Next
        {
            get
            {
                lock (gate) return next.Task;
            }
        }

        /// <summary>
        /// What comes after a position. Readers that have the same news and the same position share one look, which begins
        /// when that news is there already.
        /// </summary>
        public Task<TPage> ReadAsync<TPage>(Task news, int after, Func<int, Task<TPage>> look)
        {
            Lazy<Task<TPage>> mine;
            lock (gate)
            {
                if (readers > 1 && shared is { } known && known.News == news && known.After == after && known.Look is Lazy<Task<TPage>> theirs && !IsFaulted(theirs)) mine = theirs;
                else mine = new(() => look(after));
                // Nothing is kept for one by itself.
                shared = readers > 1 ? new(news, after, mine) : null;
            }
            return mine.Value;
        }

        public void Dispose()
        {
            lock (gate)
            {
                if (--readers > 0) return;
                readers = -1;
            }
            hub.topics.TryRemove(new(subject, this));
        }

        internal bool Enter()
        {
            lock (gate)
            {
                if (readers < 0) return false;
                readers++;
                return true;
            }
        }

        internal void Publish(object? row, bool isPulse = false)
        {
            TaskCompletionSource<News> told, then;
            lock (gate)
            {
                told = next;
                next = then = NewNews();
                shared = null;
            }
            told.SetResult(new(row, isPulse, then.Task));
        }

        private static bool IsFaulted<TPage>(Lazy<Task<TPage>> look) => look.IsValueCreated && look.Value.IsFaulted;

        private static TaskCompletionSource<News> NewNews() => new(TaskCreationOptions.RunContinuationsAsynchronously);

        private sealed record Shared(Task News, int After, object Look);
    }

    /// <param name="Row">What was committed, where it is known.</param>
    /// <param name="IsPulse">Nothing has happened.</param>
    /// <param name="Next">Completes with what comes after this.</param>
    public sealed record News(object? Row, bool IsPulse, Task<News> Next);
}
