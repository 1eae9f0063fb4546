using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Dapper;
using Wopr.Integration.Tests.Stack;
using Wopr.Tests.Support;
using Xunit.Abstractions;

namespace Wopr.Integration.Tests.Nodes;

/// <summary>
/// Three services on one database: one is killed and started again, one sleeps longer than its lease and goes on, all are
/// updated in turn. WOPR_NODE_ORDERS says how many orders the drill has (60; the promise is made for 500).
/// </summary>
public sealed class SeveralNodesTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(3);

    private static int Orders => int.Parse(Environment.GetEnvironmentVariable("WOPR_NODE_ORDERS") ?? "60", CultureInfo.InvariantCulture);

    [Fact]
    public async Task Killed_and_paused_nodes_lose_nothing_and_double_nothing()
    {
        await using var stack = await StartAsync("0.1");
        var nodes = await stack.StartNodesAsync(3);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var first = await OrderAsync(nodes, 0, Orders / 2);
        await nodes[1].KillAndStartAsync();
        var sleeping = Task.Run(() => LoseLeasesAsync(stack, nodes[2]));
        var second = await OrderAsync([.. nodes.Take(2)], Orders / 2, Orders - (Orders / 2));
        await sleeping;
        await UntilAllEndAsync(stack, first.Count + second.Count);
        output.WriteLine($"{Orders} orders on three nodes in {clock.Elapsed.TotalSeconds:0} s");

        await using var connection = await Promises.OpenAsync(stack);
        (await connection.QueryAsync<(string State, long Count)>("SELECT state, count(*) FROM jobs GROUP BY state")).ShouldBe([("completed", Orders)]);
        await Promises.HoldAtTheEndAsync(stack);
        await Patience.UntilAsync(() => SaysLost(nodes[2]), () => "the node that slept wrote late and was not refused");
    }

    [Fact]
    public async Task An_update_of_all_nodes_in_turn_loses_nothing_and_is_nobodys_fault()
    {
        await using var stack = await StartAsync("0.3");
        var nodes = await stack.StartNodesAsync(3);
        await OrderAsync(nodes, 0, 15);
        foreach (var node in nodes) (await node.StopAndStartAsync()).ShouldBeLessThan(TimeSpan.FromSeconds(20));
        await UntilAllEndAsync(stack, 15);
        await Promises.HoldAtTheEndAsync(stack);
        foreach (var node in nodes) node.Output.ShouldNotContain("lease lost");
    }

    [Fact]
    public async Task A_live_stream_tells_the_same_on_every_node()
    {
        await using var stack = await StartAsync("0.2");
        var nodes = await stack.StartNodesAsync(3);
        var job = (await OrderAsync([.. nodes.Take(1)], 0, 1)).Single();
        var streams = await Task.WhenAll(nodes.Select(node => StreamAsync(node, job)));
        streams[0].ShouldContain("event: completed");
        streams[1].ShouldBe(streams[0]);
        streams[2].ShouldBe(streams[0]);
    }

    private static Task<WoprStack> StartAsync(string pace) => WoprStack.StartCloudsOnlyAsync(pace: pace, environment: new Dictionary<string, string>
    {
        ["WOPR_SANDBOX_LEASE_SECONDS"] = $"{Lease.TotalSeconds:0}",
    });

    private static async Task<IReadOnlyList<Guid>> OrderAsync(IReadOnlyList<WoprNode> nodes, int from, int count)
    {
        var jobs = new List<Guid>();
        foreach (var batch in Enumerable.Range(from, count).Chunk(10))
            jobs.AddRange(await Task.WhenAll(batch.Select(i => PlaceAsync(nodes[i % nodes.Count], $"node-{i}"))));
        return jobs;
    }

    private static async Task<Guid> PlaceAsync(WoprNode node, string name)
    {
        using var response = await node.Http.PostAsJsonAsync("/api/checkout", Stack.Orders.Starter(name, $"{name}@example.com"));
        var body = await response.Content.ReadAsStringAsync();
        response.IsSuccessStatusCode.ShouldBeTrue(body);
        return JsonSerializer.Deserialize<JsonElement>(body).GetProperty("job_id").GetGuid();
    }

    /// <summary>What a sleeper had sent to the database may still end what it drove, on a busy machine long after: then it lost nothing, and sleeps again.</summary>
    private static async Task LoseLeasesAsync(WoprStack stack, WoprNode node)
    {
        for (var sleeps = 0; sleeps < 5 && !SaysLost(node); sleeps++)
        {
            await SleepBeyondTheLeaseAsync(stack, node);
            await Patience.ComesAsync(() => Task.FromResult(SaysLost(node)), Lease * 2);
        }
    }

    private static bool SaysLost(WoprNode node) => node.Process.Output.Contains("lease lost", StringComparison.Ordinal);

    /// <summary>Stops the node at a moment when it surely drives something, for longer than its lease.</summary>
    private static async Task SleepBeyondTheLeaseAsync(WoprStack stack, WoprNode node)
    {
        await using var connection = await Promises.OpenAsync(stack);
        await Patience.UntilAsync(
            async () =>
            {
                node.Pause();
                // Looked at twice: what it had already sent to the database may end what it drove, and then nobody takes anything from it.
                if (await DrivesAsync(connection, node))
                {
                    await Task.Delay(Lease / 3);
                    if (await DrivesAsync(connection, node)) return true;
                }
                node.Continue();
                return false;
            },
            () => "the node never drives anything");
        await stack.UntilAsync(async () => !await DrivesAsync(connection, node), "somebody else takes the sleeper's work");
        // Somebody else took the work and drove it on; only now does the sleeper wake.
        await Task.Delay(Lease);
        node.Continue();
    }

    private static Task<bool> DrivesAsync(Npgsql.NpgsqlConnection connection, WoprNode node) => connection.QuerySingleAsync<bool>(
        "SELECT EXISTS (SELECT FROM work_items WHERE kind = 'provision' AND lease_owner LIKE '%/' || @Id || '/%')", new { node.Process.Id });

    private static async Task UntilAllEndAsync(WoprStack stack, int count)
    {
        await using var connection = await Promises.OpenAsync(stack);
        await Patience.UntilAsync(
            async () => await connection.QuerySingleAsync<int>("SELECT count(*) FROM jobs WHERE ended_at IS NOT NULL") >= count
                && !await connection.QuerySingleAsync<bool>("SELECT EXISTS (SELECT FROM outbox WHERE sent_at IS NULL)"),
            () => string.Join('\n', connection.Query<string>("SELECT id || ' ' || state FROM jobs WHERE ended_at IS NULL")), TimeSpan.FromSeconds(180 + count));
    }

    private static async Task<string> StreamAsync(WoprNode node, Guid job)
    {
        using var response = await node.Http.GetAsync($"/api/provision/{job}/stream", HttpCompletionOption.ResponseHeadersRead);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        // Heartbeats are comments; what is told must be the same.
        var lines = (await response.Content.ReadAsStringAsync(limit.Token)).Split('\n').Where(line => !line.StartsWith(':'));
        return string.Join('\n', lines);
    }
}
