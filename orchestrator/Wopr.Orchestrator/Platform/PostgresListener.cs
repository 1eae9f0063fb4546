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
        connection.Notification += (_, notification) => announcements.Hear(notification.Channel, notification.Payload);
        await using (var listen = new NpgsqlCommand($"LISTEN {WorkQueue.Channel}; LISTEN {EventHub.Channel}", connection))
            await listen.ExecuteNonQueryAsync(cancellation);
        // Whatever was notified while nobody listened is looked for now.
        bell.Ring(TimeSpan.Zero);
        hub.PublishAll();
        while (true) await connection.WaitAsync(cancellation);
    }

    private void Hear(Announcement news)
    {
        if (news.Channel == WorkQueue.Channel) bell.Ring(TimeSpan.Zero);
        else if (Guid.TryParse(news.Payload, out var subject)) hub.Publish(subject);
    }

    public override void Dispose()
    {
        announcements.Leave(Hear);
        base.Dispose();
    }

    [LoggerMessage(1201, LogLevel.Warning, "listening connection lost, opening another")]
    private static partial void Lost(ILogger logger, Exception error);
}
