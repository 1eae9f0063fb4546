using System.Runtime.CompilerServices;
using Dapper;
using Npgsql;

namespace Wopr.Platform;

/// <summary>
/// Tells all nodes that something was committed. A NOTIFY inside a transaction makes commits queue for one lock of the
/// server's, so it is sent after the commit: this node hears at once, the others with the next few milliseconds' news in
/// one statement, or nobody where no other listens. A node that dies in between tells nobody; the slow scan makes work certain.
/// </summary>
public sealed class Announcements
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan AfterTrouble = TimeSpan.FromSeconds(1);

    /// <summary>Stands between the payloads of several announcements that are told as one.</summary>
    private const char Between = ' ';

    // PostgreSQL carries less than 8,000 bytes at a time, and an id is 36.
    private const int MostAtOnce = 200;

    private static readonly ConditionalWeakTable<NpgsqlDataSource, Announcements> OfSources = new();

    private readonly NpgsqlDataSource database;
    private readonly string sender = Guid.NewGuid().ToString("N")[..8];
    private readonly Lock gate = new();
    private readonly HashSet<Announcement> waiting = [];
    private bool telling;
    private Peers? peers;

    private Announcements(NpgsqlDataSource database) => this.database = database;

    private Action<Announcement>? heard;

    public static Announcements Of(NpgsqlDataSource database) => OfSources.GetValue(database, source => new Announcements(source));

    /// <summary>Told once the transaction is committed; in the transaction itself where nobody watches over its commit.</summary>
    public static Task TellAsync(NpgsqlConnection connection, NpgsqlTransaction? transaction, Announcement news) =>
        AfterCommit.Do(transaction, database => Of(database).Tell([news]))
            ? Task.CompletedTask
            : connection.ExecuteAsync("SELECT pg_notify(@Channel, @Payload)", new { news.Channel, Payload = ":" + news.Payload }, transaction);

    /// <summary>Hears on this node what was committed here, or by another node.</summary>
    public void Listen(Action<Announcement> listener)
    {
        lock (gate) heard += listener;
    }

    public void Leave(Action<Announcement> listener)
    {
        lock (gate) heard -= listener;
    }

    /// <summary>What this node knows of the others; null while it does not listen to them, and so tells them all.</summary>
    public void Know(Peers? others) => Volatile.Write(ref peers, others);

    /// <summary>What was committed already.</summary>
    public void Tell(IReadOnlyCollection<Announcement> news)
    {
        foreach (var one in news) heard?.Invoke(one);
        if (Volatile.Read(ref peers) is { AreThere: false }) return;
        lock (gate)
        {
            waiting.UnionWith(news.Select(one => one with { Row = null }));
            if (telling || waiting.Count == 0) return;
            telling = true;
        }
        _ = TellOthersAsync();
    }

    /// <summary>What another node, or a transaction by itself, has told with NOTIFY. What this node told it has heard.</summary>
    /// <returns>True when this node did not know the one that tells.</returns>
    internal bool Hear(string channel, string payload, Peers others)
    {
        var (who, what) = payload.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon ? (payload[..colon], payload[(colon + 1)..]) : ("", payload);
        if (who == sender) return false;
        foreach (var one in what.Split(Between)) heard?.Invoke(new(channel, one));
        return who.Length > 0 && others.Hear(who);
    }

    /// <summary>Says a word to the nodes that listen, over the connection by which this one does.</summary>
    internal Task SayAsync(NpgsqlConnection connection, string word, CancellationToken cancellation) =>
        connection.ExecuteAsync(new CommandDefinition("SELECT pg_notify(@Channel, @payload)", new { Peers.Channel, payload = $"{sender}:{word}" }, cancellationToken: cancellation));

    private async Task TellOthersAsync()
    {
        await Task.Yield();
        while (true)
        {
            Announcement[] news;
            lock (gate)
            {
                news = [.. waiting];
                waiting.Clear();
                telling = news.Length > 0;
            }
            if (news.Length == 0) return;
            try
            {
                var told = news.GroupBy(n => n.Channel, n => n.Payload, StringComparer.Ordinal)
                    .SelectMany(channel => channel.Chunk(MostAtOnce).Select(payloads => (Channel: channel.Key, Payload: string.Join(Between, payloads)))).ToList();
                await using var connection = await database.OpenConnectionAsync();
                // It writes nothing that a crash could lose, so nobody waits for the disk.
                await connection.ExecuteAsync("""
                    SELECT pg_notify(channel, @sender || ':' || payload)
                    FROM unnest(@channels, @payloads) AS t (channel, payload), set_config('synchronous_commit', 'off', true)
                    """, new { sender, channels = told.Select(t => t.Channel).ToArray(), payloads = told.Select(t => t.Payload).ToArray() });
                // A crowd is gathered; one by itself is not made to wait for it.
                if (news.Length > 1) await Task.Delay(Pause);
            }
            catch (ObjectDisposedException)
            {
                // The node has stopped.
                return;
            }
            catch (Exception error) when (error is NpgsqlException or IOException)
            {
                // The database is away, as every other user of it says in the log; there is no more to tell than one thing for each subject.
                lock (gate) waiting.UnionWith(news);
                await Task.Delay(AfterTrouble);
            }
        }
    }
}

/// <param name="Payload">A subject's id, or nothing.</param>
public readonly record struct Announcement(string Channel, string Payload)
{
    /// <summary>What was committed, for readers on this node, which need not look it up then. Others are not told it.</summary>
    public object? Row { get; init; }
}
