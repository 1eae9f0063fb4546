using System.Collections.Concurrent;

namespace Wopr.Platform;

/// <summary>Tells the live streams of this node that a subject has new events. It carries no data: the rows are the truth.</summary>
public sealed class EventHub
{
    public const string Channel = "wopr_events";

    private readonly ConcurrentDictionary<Guid, ConcurrentDictionary<Subscription, byte>> subscribers = new();

    public Subscription Subscribe(Guid subject)
    {
        var subscription = new Subscription(this, subject);
        subscribers.GetOrAdd(subject, _ => new())[subscription] = 0;
        return subscription;
    }

    public void Publish(Guid subject)
    {
        if (!subscribers.TryGetValue(subject, out var interested)) return;
        foreach (var subscription in interested.Keys) subscription.Set();
    }

    public void PublishAll()
    {
        foreach (var subject in subscribers.Keys) Publish(subject);
    }

    private void Remove(Subscription subscription)
    {
        if (!subscribers.TryGetValue(subscription.Subject, out var interested)) return;
        interested.TryRemove(subscription, out _);
        if (interested.IsEmpty) subscribers.TryRemove(new(subscription.Subject, interested));
    }

    public sealed class Subscription(EventHub hub, Guid subject) : IDisposable
    {
        private readonly SemaphoreSlim news = new(0, 1);

        public Guid Subject { get; } = subject;

        internal void Set()
        {
            try
            {
                news.Release();
            }
            catch (SemaphoreFullException)
            {
                // News is waiting already.
            }
            catch (ObjectDisposedException)
            {
                // The stream has just ended.
            }
        }

        /// <summary>True when there is news, false after <paramref name="longest"/>.</summary>
        public Task<bool> WaitAsync(TimeSpan longest, CancellationToken cancellation) => news.WaitAsync(longest, cancellation);

        public void Dispose()
        {
            hub.Remove(this);
            news.Dispose();
        }
    }
}
