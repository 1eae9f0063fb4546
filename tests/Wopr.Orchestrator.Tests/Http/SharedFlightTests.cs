using Wopr.Platform.Http;
using Wopr.Provisioning.Ports;
using Wopr.Support;

namespace Wopr.Orchestrator.Tests.Http;

public sealed class SharedFlightTests
{
    private readonly TestClock clock = new();
    private int fetches;

    [Fact]
    public async Task Many_ask_and_one_fetches()
    {
        var landing = new TaskCompletionSource<ProviderResult<string>>();
        var flight = new SharedFlight<string>(TimeSpan.FromMinutes(5), clock);

        var waiting = Enumerable.Range(0, 20).Select(_ => flight.GetAsync(() => Fetch(landing.Task), CancellationToken.None)).ToArray();
        landing.SetResult("value");

        (await Task.WhenAll(waiting)).ShouldAllBe(r => r.Value() == "value");
        fetches.ShouldBe(1);
    }

    [Fact]
    public async Task It_is_kept_for_its_time_and_no_longer()
    {
        var flight = new SharedFlight<string>(TimeSpan.FromMinutes(5), clock);
        await flight.GetAsync(() => Fetch(Task.FromResult<ProviderResult<string>>("a")), CancellationToken.None);
        clock.Advance(TimeSpan.FromMinutes(4));
        (await flight.GetAsync(() => Fetch(Task.FromResult<ProviderResult<string>>("b")), CancellationToken.None)).Value().ShouldBe("a");
        clock.Advance(TimeSpan.FromMinutes(1));
        (await flight.GetAsync(() => Fetch(Task.FromResult<ProviderResult<string>>("b")), CancellationToken.None)).Value().ShouldBe("b");
    }

    [Fact]
    public async Task A_failure_is_not_kept()
    {
        var flight = new SharedFlight<string>(TimeSpan.FromMinutes(5), clock);
        ProviderResult<string> refused = new ProviderFailure("p", 500, "", "", ErrorCodes.HetznerUnavailable, Retry.Later);
        (await flight.GetAsync(() => Fetch(Task.FromResult(refused)), CancellationToken.None)).Refusal();
        (await flight.GetAsync(() => Fetch(Task.FromResult<ProviderResult<string>>("a")), CancellationToken.None)).Value().ShouldBe("a");
    }

    [Fact]
    public async Task One_who_gives_up_spoils_it_for_nobody()
    {
        var landing = new TaskCompletionSource<ProviderResult<string>>();
        var flight = new SharedFlight<string>(TimeSpan.FromMinutes(5), clock);
        using var source = new CancellationTokenSource();
        var impatient = flight.GetAsync(() => Fetch(landing.Task), source.Token);
        var patient = flight.GetAsync(() => Fetch(landing.Task), CancellationToken.None);

        await source.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(impatient);
        landing.SetResult("value");

        (await patient).Value().ShouldBe("value");
        fetches.ShouldBe(1);
    }

    private Task<ProviderResult<string>> Fetch(Task<ProviderResult<string>> result)
    {
        Interlocked.Increment(ref fetches);
        return result;
    }
}
