using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Wopr.Platform;
using Wopr.Platform.Work;
using Wopr.Tests.Support;

namespace Wopr.Orchestrator.Tests.Platform;

public sealed class AnnouncementsTests : IAsyncLifetime
{
    private TestDatabase database = null!;

    public async Task InitializeAsync() => database = await TestDatabase.CreateAsync();

    public async Task DisposeAsync() => await database.DisposeAsync();

    [Fact]
    public async Task Another_node_hears_each_of_many_that_are_told_at_once()
    {
        await using var here = Database.Open(database.ConnectionString);
        await using var there = Database.Open(database.ConnectionString);
        using var listener = new PostgresListener(there, new WorkBell(TimeProvider.System), new EventHub(), TimeProvider.System, NullLogger<PostgresListener>.Instance);
        var heard = new ConcurrentDictionary<Announcement, byte>();
        Announcements.Of(there).Listen(news => heard[news] = 0);
        await listener.StartAsync(CancellationToken.None);
        // Told again until it is heard, for nobody says when the listener has begun to listen.
        await Patience.UntilAsync(() =>
        {
            Announcements.Of(here).Tell([WorkQueue.News]);
            return heard.ContainsKey(WorkQueue.News);
        }, () => "nothing is heard");

        // More than PostgreSQL carries in one payload.
        var many = Enumerable.Range(0, 500).Select(_ => new Announcement(EventHub.Channel, $"{Guid.NewGuid()}")).ToList();
        Announcements.Of(here).Tell([.. many, WorkQueue.News]);

        await Patience.UntilAsync(() => many.TrueForAll(heard.ContainsKey), () => $"{many.Count(m => !heard.ContainsKey(m))} of them are not heard");
        await listener.StopAsync(CancellationToken.None);
    }
}
