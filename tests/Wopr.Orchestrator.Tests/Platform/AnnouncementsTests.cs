using System.Collections.Concurrent;
using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
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
        await using var wire = await Wire.TapAsync(database);
        await using var here = await ListeningNode.StartAsync(database);
        await using var there = await ListeningNode.StartAsync(database);
        await wire.HearsAsync($":{Peers.Welcome}", "each has heard of the other", times: 2);

        // More than PostgreSQL carries in one payload.
        var many = Enumerable.Range(0, 500).Select(i => new Announcement(EventHub.Channel, $"{Id(i)}")).ToList();
        here.Tell([.. many, WorkQueue.News]);

        await Patience.UntilAsync(() => many.TrueForAll(there.Heard.ContainsKey), () => $"{many.Count(m => !there.Heard.ContainsKey(m))} of them are not heard");
        await Patience.UntilAsync(() => there.Heard.ContainsKey(WorkQueue.News), () => "there is work, which is not heard");
    }

    [Fact]
    public async Task A_node_that_listens_alone_tells_nobody_until_another_says_that_it_is_there()
    {
        await using var wire = await Wire.TapAsync(database);
        await using var node = await ListeningNode.StartAsync(database);
        await wire.HearsAsync($":{Peers.Here}", "it says that it is here");

        node.Tell([new(EventHub.Channel, $"{Id(1)}")]);
        node.Heard.ShouldContainKey(new(EventHub.Channel, $"{Id(1)}"), "what is its own it hears at once");
        await wire.SayAsync($"another:{Peers.Here}");
        await wire.HearsAsync($":{Peers.Welcome}", "it has heard of another");
        node.Tell([new(EventHub.Channel, $"{Id(2)}")]);

        await wire.HearsAsync($":{Id(2)}", "it tells now");
        wire.Heard.ShouldNotContain(said => said.Contains($"{Id(1)}"), "nobody was there");
    }

    [Fact]
    public async Task A_node_that_is_welcomed_looks_for_what_it_was_not_told()
    {
        await using var wire = await Wire.TapAsync(database);
        await using var node = await ListeningNode.StartAsync(database);
        await wire.HearsAsync($":{Peers.Here}", "it says that it is here");
        // It looks once by itself when it begins to listen.
        await wire.SayAsync($"another:{Peers.Here}");
        await wire.HearsAsync($":{Peers.Welcome}", "it has begun to listen");

        using var topic = node.Hub.Join(Id(1));
        var news = topic.Next;
        await wire.SayAsync($"another:{Peers.Welcome}");

        await news.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_program_that_does_not_listen_tells_all_the_same()
    {
        await using var wire = await Wire.TapAsync(database);
        await using var program = Database.Open(database.ConnectionString);

        Announcements.Of(program).Tell([new(EventHub.Channel, $"{Id(1)}")]);

        await wire.HearsAsync($":{Id(1)}", "it cannot know that nobody listens");
    }

    private static Guid Id(int number) => Guid.Parse($"0199aa00-0000-7000-8000-{number:000000000000}");

    private sealed class ListeningNode : IAsyncDisposable
    {
        private readonly NpgsqlDataSource source;
        private readonly PostgresListener listener;

        private ListeningNode(TestDatabase database)
        {
            source = Database.Open(database.ConnectionString);
            listener = new(source, new WorkBell(TimeProvider.System), Hub, TimeProvider.System, NullLogger<PostgresListener>.Instance);
            Announcements.Of(source).Listen(news => Heard[news] = 0);
        }

        public EventHub Hub { get; } = new();

        public ConcurrentDictionary<Announcement, byte> Heard { get; } = [];

        public static async Task<ListeningNode> StartAsync(TestDatabase database)
        {
            var node = new ListeningNode(database);
            await node.listener.StartAsync(CancellationToken.None);
            return node;
        }

        public void Tell(IReadOnlyCollection<Announcement> news) => Announcements.Of(source).Tell(news);

        public async ValueTask DisposeAsync()
        {
            await listener.StopAsync(CancellationToken.None);
            listener.Dispose();
            await source.DisposeAsync();
        }
    }

    /// <summary>Hears what goes over the server between nodes, and says what another node would.</summary>
    private sealed class Wire(NpgsqlDataSource source, NpgsqlConnection connection) : IAsyncDisposable
    {
        private readonly CancellationTokenSource ends = new();
        private Task listening = Task.CompletedTask;

        public ConcurrentQueue<string> Heard { get; } = [];

        public static async Task<Wire> TapAsync(TestDatabase database)
        {
            var source = NpgsqlDataSource.Create(database.ConnectionString);
            var wire = new Wire(source, await source.OpenConnectionAsync());
            await wire.ListenAsync();
            return wire;
        }

        public async Task SayAsync(string payload)
        {
            await using var another = await source.OpenConnectionAsync();
            await another.ExecuteAsync("SELECT pg_notify(@Channel, @payload)", new { Peers.Channel, payload });
        }

        public Task HearsAsync(string end, string what, int times = 1) =>
            Patience.UntilAsync(() => Heard.Count(said => said.EndsWith(end, StringComparison.Ordinal)) >= times, () => $"not heard: {what}");

        public async ValueTask DisposeAsync()
        {
            await ends.CancelAsync();
            await listening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await connection.DisposeAsync();
            await source.DisposeAsync();
            ends.Dispose();
        }

        private async Task ListenAsync()
        {
            connection.Notification += (_, notification) => Heard.Enqueue(notification.Payload);
            await connection.ExecuteAsync($"LISTEN {Peers.Channel}; LISTEN {EventHub.Channel}");
            listening = WaitAsync();
        }

        private async Task WaitAsync()
        {
            while (true) await connection.WaitAsync(ends.Token);
        }
    }
}
