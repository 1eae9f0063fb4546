using Microsoft.Extensions.Logging.Abstractions;
using Wopr.Sandbox.Boot;
using Wopr.Tests.Support;

namespace Wopr.Sandbox.Tests.Boot;

public sealed class CallbackDriverTests : IAsyncLifetime
{
    private readonly HttpClient _client = new();
    private FakeService _service = null!;
    private CallbackDriver _driver = null!;

    public async Task InitializeAsync()
    {
        _service = await FakeService.StartAsync();
        _driver = new CallbackDriver(_client, pace: 0, TimeProvider.System, NullLogger<CallbackDriver>.Instance);
    }

    public async Task DisposeAsync()
    {
        _driver.Dispose();
        await _service.DisposeAsync();
        _client.Dispose();
    }

    [Fact]
    public async Task It_reports_what_a_beacon_reports_and_then_counts_as_up()
    {
        Start();
        await _service.UntilAsync("complete");
        _service.Callbacks.Select(c => (c.Seq, c.Stage, c.Progress, c.Module, c.Message)).ShouldBe(
        [
            (1, "boot", 2, null, null), (2, "packages", 10, null, null), (3, "wopr_download", 18, null, null),
            (4, "core_modules", 20, "caddy", "installing"), (5, "core_modules", 57, "caddy", "ready"),
            (6, "app_modules", 57, "outline", "installing"), (7, "app_modules", 95, "outline", "ready"),
            (8, "health_ready", 97, null, null), (9, "complete", 100, null, null),
        ]);
        _service.Callbacks.ShouldAllBe(c => c.Token == "token");
        await Patience.UntilAsync(() => _driver.Answer(1, "alice.example.org", "/.well-known/wopr/beacon.json") is not null, () => "never up");
        _driver.Answer(1, "alice.example.org", "/.well-known/wopr/beacon.json")!.Body.ShouldContain("\"modules\":[\"caddy\",\"outline\"]");
        _driver.Answer(1, "wiki.alice.example.org", "/")!.Status.ShouldBe(200);
        _driver.Stop(1);
        _driver.Answer(1, "wiki.alice.example.org", "/").ShouldBeNull();
    }

    [Fact]
    public async Task It_waits_while_the_service_has_trouble()
    {
        var refusals = 0;
        _service.Answer = _ => Interlocked.Increment(ref refusals) <= 2 ? 503 : 202;
        Start();
        await _service.UntilAsync("complete");
        _service.Callbacks.Select(c => c.Seq).ShouldBe(Enumerable.Range(1, 9));
    }

    [Fact]
    public async Task It_stops_when_the_job_is_over()
    {
        _service.Answer = callback => callback.Seq < 3 ? 202 : 409;
        Start();
        await Patience.UntilAsync(() => _driver.Answer(1, "alice.example.org", "/") is not null, () => "never stopped");
        _service.Callbacks.Count.ShouldBe(2);
    }

    [Fact]
    public async Task It_calls_again_when_no_answer_comes()
    {
        using var over = new ManualResetEventSlim();
        using var hasty = new HttpClient { Timeout = TimeSpan.FromMilliseconds(300) };
        using var driver = new CallbackDriver(hasty, pace: 0, TimeProvider.System, NullLogger<CallbackDriver>.Instance);
        var calls = 0;
        _service.Answer = _ =>
        {
            if (Interlocked.Increment(ref calls) > 1) return 202;
            over.Wait(TimeSpan.FromSeconds(30));
            return 500;
        };

        Start(driver);
        await _service.UntilAsync("complete");
        over.Set();

        // One whose answer came too late on a busy machine is sent again too, as a beacon does.
        _service.Callbacks.Select(c => c.Seq).Distinct().ShouldBe(Enumerable.Range(1, 9));
    }

    private void Start() => Start(_driver);

    private void Start(CallbackDriver driver) => driver.Start(new Machine(1, "alice", "198.18.0.1", "2001:db8::1", $$"""
        #cloud-config
        write_files:
          - path: /etc/wopr/bootstrap.json
            content: |
              {"job_id": "j", "beacon": "alice.example.org", "beacon_name": "alice", "callback_url": "{{_service.Url}}api/provision/j/callback",
               "callback_token": "token", "installer_sha256": "s", "bundle": "b", "modules": ["caddy", "outline"]}
        """));
}
