using Wopr.Cloudflare;
using Wopr.Hetzner;
using Wopr.Platform.Http;
using Wopr.Platform.Http.Budget;
using Wopr.Provisioning.Ports;
using Wopr.Support;

namespace Wopr.Orchestrator.Tests.Http;

public sealed class BudgetHandlerTests
{
    private const string Get = "GET /v1/servers/7";
    private static readonly Answer Gone = Answer.Refusal(404, "not_found", ("RateLimit-Limit", "3600"), ("RateLimit-Remaining", "3456"));

    [Fact]
    public async Task Every_attempt_is_charged_and_every_answer_observed()
    {
        var budget = new ScriptedBudget();
        await using var bench = await ProviderBench.StartAsync(budget: budget);
        bench.On(Get, Answer.Html(502)).On(Get, Gone);

        using (CallScope.Begin(CallPriority.Sweep)) (await bench.Cloud.GetServerAsync(7, CancellationToken.None)).Value().ShouldBeNull();

        budget.Taken.ShouldBe([CallPriority.Sweep, CallPriority.Sweep]);
        budget.Readings.ShouldBe([new RateReading(3456, 3600)]);
        budget.Blocks.ShouldBeEmpty();
    }

    [Fact]
    public async Task It_waits_for_the_budget_within_the_call()
    {
        var budget = new ScriptedBudget(TimeSpan.FromSeconds(9), TimeSpan.FromSeconds(2));
        await using var bench = await ProviderBench.StartAsync(budget: budget);
        bench.On(Get, Gone);

        (await bench.Cloud.GetServerAsync(7, CancellationToken.None)).Value().ShouldBeNull();

        bench.Pauses.ShouldBe([TimeSpan.FromSeconds(9), TimeSpan.FromSeconds(2)]);
        bench.Server.Done();
    }

    [Fact]
    public async Task A_budget_that_stays_empty_fails_without_a_request()
    {
        var budget = new ScriptedBudget(TimeSpan.FromMinutes(4));
        await using var bench = await ProviderBench.StartAsync(budget: budget);

        var failure = (await bench.Cloud.CreateServerAsync(RetryTests.Request, CancellationToken.None)).Refusal();

        failure.Code.ShouldBe(ErrorCodes.HetznerRateLimited);
        failure.Retry.ShouldBe(Retry.Later);
        failure.RetryAfter.ShouldBe(TimeSpan.FromMinutes(4));
        bench.Server.Done();
    }

    [Theory]
    [InlineData("30", 30)]
    [InlineData(null, 5)]
    public async Task A_429_blocks_the_token_for_everybody(string? retryAfter, int seconds)
    {
        var budget = new ScriptedBudget();
        await using var bench = await ProviderBench.StartAsync(budget: budget);
        (string, string)[] headers = retryAfter is null ? [] : [("Retry-After", retryAfter)];
        bench.On(Get, Answer.Refusal(429, "rate_limit_exceeded", headers)).On(Get, Gone);

        (await bench.Cloud.GetServerAsync(7, CancellationToken.None)).Value().ShouldBeNull();

        budget.Blocks.ShouldBe([TestClock.Start.AddSeconds(seconds)]);
        bench.Server.Done();
    }

    [Fact]
    public void The_accounts_are_kept_apart_by_token_and_never_name_it()
    {
        var one = new HetznerOptions(new Uri("https://a.test/v1"), "one").Profile.Budget;
        var two = new HetznerOptions(new Uri("https://a.test/v1"), "two").Profile.Budget;
        one.Key.ShouldNotBe(two.Key);
        one.Key.ShouldMatch("^hetzner:[0-9a-f]{16}$");
    }

    /// <summary>Five minutes of Cloudflare's window never hold more than its 1200 calls.</summary>
    [Fact]
    public void Cloudflares_bucket_stays_within_its_window()
    {
        var account = new CloudflareOptions(new Uri("https://a.test/v4"), "t", "example.com").Profile.Budget;
        (account.Capacity + (account.RefillPerSecond * 300)).ShouldBeLessThanOrEqualTo(1200);
    }

    private sealed class ScriptedBudget(params TimeSpan[] waits) : IProviderBudget
    {
        private readonly Queue<TimeSpan> waits = new(waits);

        public List<CallPriority> Taken { get; } = [];

        public List<RateReading> Readings { get; } = [];

        public List<DateTimeOffset> Blocks { get; } = [];

        public ValueTask<TimeSpan> TakeAsync(BudgetAccount account, CallPriority priority, CancellationToken cancellation)
        {
            if (waits.TryDequeue(out var wait)) return new(wait);
            Taken.Add(priority);
            return new(TimeSpan.Zero);
        }

        public void Observe(BudgetAccount account, RateReading reading) => Readings.Add(reading);

        public ValueTask BlockAsync(BudgetAccount account, DateTimeOffset until, CancellationToken cancellation)
        {
            Blocks.Add(until);
            return default;
        }
    }
}
