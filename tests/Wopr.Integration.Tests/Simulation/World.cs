using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Dapper;
using Wopr.Integration.Tests.Stack;
using Wopr.Tests.Support;

namespace Wopr.Integration.Tests.Simulation;

/// <summary>Two nodes, a database and two providers, to which a seed happens.</summary>
public sealed class World : IAsyncDisposable
{
    private static readonly TimeSpan LongestSettling = TimeSpan.FromSeconds(150);

    private readonly Random random;
    private readonly WoprStack stack;
    private readonly IReadOnlyList<WoprNode> nodes;
    private readonly List<(string Name, string Key, Guid Job)> orders = [];
    private readonly List<string> diary = [];
    private readonly Stopwatch clock = Stopwatch.StartNew();
    private Task sleeper = Task.CompletedTask;
    private int named;

    private World(int seed, WoprStack running, IReadOnlyList<WoprNode> services)
    {
        random = new Random(seed);
        stack = running;
        nodes = services;
    }

    /// <summary>What happened, with the second at which it did.</summary>
    public string Diary => string.Join('\n', diary);

    public static async Task<World> CreateAsync(int seed)
    {
        var clouds = await WoprStack.StartCloudsOnlyAsync(pace: "0.1", environment: new Dictionary<string, string>
        {
            ["WOPR_SANDBOX_LEASE_SECONDS"] = "3",
            ["WOPR_RETENTION_MINUTES"] = "0",
        });
        return new World(seed, clouds, await clouds.StartNodesAsync(2));
    }

    public async Task LiveAsync(TimeSpan time)
    {
        for (var round = 1; clock.Elapsed < time; round++)
        {
            await HappenAsync(random.Next(100));
            if (round % 10 == 0) await Promises.HoldNowAsync(stack);
            await Task.Delay(random.Next(20, 250));
        }
    }

    /// <summary>All trouble ends, every job must come to its end, and every promise must have been kept. Returns what became of the orders.</summary>
    public async Task<string> SettleAsync()
    {
        await sleeper;
        await stack.Sandbox.BehaveAsync();
        await using var connection = await Promises.OpenAsync(stack);
        await Patience.UntilAsync(
            () => connection.QuerySingleAsync<bool>("SELECT NOT EXISTS (SELECT FROM jobs WHERE ended_at IS NULL) AND NOT EXISTS (SELECT FROM outbox WHERE sent_at IS NULL)"),
            () => "it does not come to rest", LongestSettling, TimeSpan.FromMilliseconds(100));
        await Promises.HoldAtTheEndAsync(stack);
        (await connection.QueryAsync<Guid>("SELECT id FROM jobs")).ShouldBe(orders.Select(o => o.Job).Distinct(), ignoreOrder: true, "an order that nobody was told of, or a job that is gone");
        var ends = await connection.QueryAsync<string>("SELECT count(*) || ' ' || state || coalesce(' ' || error_code, '') FROM jobs GROUP BY state, error_code ORDER BY 1");
        return $"{orders.Count} orders in {clock.Elapsed.TotalSeconds:0} s: {string.Join(", ", ends)}\n{diary.Select(d => d.Split(' ')[1]).CountBy(d => d).Aggregate("", (all, d) => $"{all}{d.Value} {d.Key} ")}";
    }

    public async ValueTask DisposeAsync()
    {
        await sleeper;
        await stack.DisposeAsync();
    }

    private Task HappenAsync(int dice) => dice switch
    {
        < 40 => OrderAsync(),
        < 52 => RepeatAsync(),
        < 62 => CancelAsync(),
        < 78 => MisbehaveAsync(),
        < 84 => BehaveAsync(),
        < 90 => KillAsync(),
        < 94 => SleepAsync(),
        _ => CutAsync(),
    };

    private async Task OrderAsync()
    {
        var name = $"sim-{++named}";
        await PlaceAsync(name, $"key-{name}");
    }

    /// <summary>The same order again, with its key or without, at any node: it must be the same job.</summary>
    private async Task RepeatAsync()
    {
        if (orders.Count == 0) return;
        var (name, key, job) = orders[random.Next(orders.Count)];
        var again = await PlaceAsync(name, key);
        if (again is not null) again.ShouldBe(job, "a repeated order became another job");
    }

    private async Task<Guid?> PlaceAsync(string name, string key)
    {
        Note("order", name);
        // A customer whose answer was lost asks again, and in the end is told.
        for (var attempt = random.Next(nodes.Count); attempt < 100; attempt++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/checkout") { Content = JsonContent.Create(Orders.Starter(name, $"{name}@example.com")) };
            request.Headers.Add("Idempotency-Key", key);
            try
            {
                using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(3));
                using var response = await nodes[attempt % nodes.Count].Http.SendAsync(request, patience.Token);
                var body = await response.Content.ReadAsStringAsync(patience.Token);
                if (response.StatusCode == HttpStatusCode.ServiceUnavailable) continue;
                response.IsSuccessStatusCode.ShouldBeTrue($"{(int)response.StatusCode} {body}");
                var job = JsonSerializer.Deserialize<JsonElement>(body).GetProperty("job_id").GetGuid();
                if (!orders.Exists(o => o.Key == key)) orders.Add((name, key, job));
                return job;
            }
            catch (Exception error) when (error is HttpRequestException or OperationCanceledException)
            {
                Note("lost-answer", name);
            }
            await Task.Delay(50);
        }
        throw new TimeoutException($"nobody takes the order {name}");
    }

    private async Task CancelAsync()
    {
        if (orders.Count == 0) return;
        var (name, _, job) = orders[random.Next(orders.Count)];
        Note("cancel", name);
        await using var connection = await Promises.OpenAsync(stack);
        await connection.ExecuteAsync("""
            BEGIN;
            SELECT FROM work_items WHERE kind = 'provision' AND subject = @job FOR UPDATE;
            UPDATE jobs SET cancel_requested_at = now() WHERE id = @job AND ended_at IS NULL AND state <> 'completed' AND cancel_requested_at IS NULL;
            UPDATE work_items SET signals = signals + 1, wake_at = CASE WHEN lease_until IS NULL THEN least(wake_at, now()) ELSE wake_at END WHERE kind = 'provision' AND subject = @job;
            NOTIFY wopr_work;
            COMMIT
            """, new { job });
    }

    private async Task MisbehaveAsync()
    {
        var rule = Trouble.Draw(random);
        Note("trouble", rule);
        await stack.Sandbox.MisbehaveAsync(JsonSerializer.Deserialize<JsonElement>(rule));
    }

    private Task BehaveAsync()
    {
        Note("behave", "");
        return stack.Sandbox.BehaveAsync();
    }

    private async Task KillAsync()
    {
        var node = random.Next(nodes.Count);
        Note("kill", node.ToString(CultureInfo.InvariantCulture));
        await sleeper;
        await nodes[node].KillAndStartAsync();
    }

    private async Task SleepAsync()
    {
        await sleeper;
        var node = nodes[random.Next(nodes.Count)];
        var time = random.Next(500, 5000);
        Note("sleep", $"{time} ms");
        sleeper = Task.Run(async () =>
        {
            node.Pause();
            await Task.Delay(time);
            node.Continue();
        });
    }

    private async Task CutAsync()
    {
        Note("cut", "");
        await using var connection = await Promises.OpenAsync(stack);
        await connection.ExecuteAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
    }

    private void Note(string what, string about) => diary.Add(string.Create(CultureInfo.InvariantCulture, $"{clock.Elapsed.TotalSeconds:0.00} {what} {about}"));
}
