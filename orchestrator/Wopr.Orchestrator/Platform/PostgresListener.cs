using Npgsql;
using Wopr.Platform.Work;

namespace Wopr.Platform;

/// <summary>One connection per node that listens: for work to do, and for events that live streams wait for.</summary>
public sealed partial class PostgresListener(NpgsqlDataSource database, WorkBell bell, EventHub hub, TimeProvider time, ILogger<PostgresListener> logger)
    : BackgroundService
{
    private readonly Announcements announcements = Announcements.Of(database);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        announcements.Listen(Hear);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ListenAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                Lost(logger, error);
                await Task.Delay(TimeSpan.FromSeconds(1), time, CancellationToken.None);
            }
        }
    }

    private async Task ListenAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var peers = new Peers(time);
        var isNewThere = false;
        connection.Notification += (_, notification) => isNewThere |= announcements.Hear(notification.Channel, notification.Payload, peers);
        await using (var listen = new NpgsqlCommand($"LISTEN {WorkQueue.Channel}; LISTEN {EventHub.Channel}; LISTEN {Peers.Channel}", connection))
            await listen.ExecuteNonQueryAsync(cancellation);
        try
        {
            announcements.Know(peers);
            CatchUp();
            for (var word = Peers.Here; ; word = isNewThere ? Peers.Welcome : Peers.Here)
            {
                isNewThere = false;
                await announcements.SayAsync(connection, word, cancellation);
                var said = time.GetTimestamp();
                while (!isNewThere && Peers.Period - time.GetElapsedTime(said) is var left && left > TimeSpan.Zero)
                    await connection.WaitAsync(TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)), cancellation);
            }
        }
        finally
        {
            announcements.Know(null);
        }
    }

    private void Hear(Announcement news)
    {
        if (news.Channel == WorkQueue.Channel) bell.Ring(TimeSpan.Zero);
        else if (news.Channel == Peers.Channel && news.Payload == Peers.Welcome) CatchUp();
        else if (Guid.TryParse(news.Payload, out var subject)) hub.Publish(subject, news.Row);
    }

    /// <summary>Whatever was notified while nobody listened, or not told to this node, is looked for now.</summary>
    private void CatchUp()
    {
        bell.Ring(TimeSpan.Zero);
        hub.PublishAll();
    }

    public override void Dispose()
    {
        announcements.Leave(Hear);
        base.Dispose();
    }

    [LoggerMessage(1201, LogLevel.Warning, "listening connection lost, opening another")]
    private static partial void Lost(ILogger logger, Exception error);
}
