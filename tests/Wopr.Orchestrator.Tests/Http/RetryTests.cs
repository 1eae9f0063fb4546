using System.Net;
using System.Net.Sockets;
using Wopr.Platform.Http;
using Wopr.Provisioning.Ports;
using Wopr.Support;

namespace Wopr.Orchestrator.Tests.Http;

/// <summary>What is sent again, and what is not, seen on the wire.</summary>
public sealed class RetryTests
{
    private const string Get = "GET /v1/servers/7";
    private const string Post = "POST /v1/servers";

    private static readonly Answer Found = new(200, """{"server":{"id":7,"name":"b","status":"running","created":"2026-11-21T00:00:00+00:00"}}""");
    private static readonly Answer Created = new(201, """
        {"server":{"id":7,"name":"b","status":"initializing","created":"2026-11-21T00:00:00+00:00"},
         "action":{"id":1,"command":"create_server","status":"running","progress":0},"next_actions":[]}
        """);

    internal static readonly ServerRequest Request = new(
        "beacon-1", "cpx22", "nbg1", 114690389, [11], new Dictionary<string, string> { ["managed-by"] = "wopr" }, "#cloud-config\n");

    public static TheoryData<int, string> WorthRepeating => new()
    {
        { 409, "conflict" }, { 423, "locked" }, { 429, "rate_limit_exceeded" },
        { 502, "bad_gateway" }, { 503, "unavailable" }, { 504, "timeout" },
    };

    public static TheoryData<int, string> NotWorthRepeating => new()
    {
        { 400, "json_error" }, { 401, "unauthorized" }, { 403, "maintenance" }, { 403, "resource_limit_exceeded" }, { 409, "uniqueness_error" },
        { 412, "resource_unavailable" }, { 422, "invalid_input" }, { 423, "protected" }, { 500, "server_error" },
    };

    [Theory, MemberData(nameof(WorthRepeating))]
    public async Task A_passing_refusal_of_a_read_is_sent_again(int status, string code)
    {
        await using var bench = await ProviderBench.StartAsync();
        bench.On(Get, Answer.Refusal(status, code)).On(Get, Found);

        (await bench.Cloud.GetServerAsync(7, CancellationToken.None)).Value()!.Status.ShouldBe(ServerStatus.Running);

        bench.Pauses.Count.ShouldBe(1);
        bench.Server.Done();
    }

    [Theory, MemberData(nameof(NotWorthRepeating))]
    public async Task Another_refusal_is_not(int status, string code)
    {
        await using var bench = await ProviderBench.StartAsync();
        bench.On(Get, Answer.Refusal(status, code));

        (await bench.Cloud.GetServerAsync(7, CancellationToken.None)).Refusal().ProviderCode.ShouldBe(code);

        bench.Pauses.ShouldBeEmpty();
        bench.Server.Done();
    }

    [Fact]
    public async Task Attempts_are_counted_and_the_ranges_of_the_waits_double()
    {
        await using var bench = await ProviderBench.StartAsync();
        for (var i = 0; i < 5; i++) bench.On(Get, Answer.Html(502));

        var failure = (await bench.Cloud.GetServerAsync(7, CancellationToken.None)).Refusal();

        failure.ShouldBe(new ProviderFailure("hetzner", 502, "", "", ErrorCodes.HetznerUnavailable, Retry.Later));
        bench.Pauses.Count.ShouldBe(4);
        for (var i = 0; i < 4; i++) bench.Pauses[i].TotalSeconds.ShouldBeInRange(0, 0.5 * Math.Pow(2, i));
        bench.Pauses.Distinct().Count().ShouldBe(4);
        bench.Server.Done();
    }

    [Theory]
    [InlineData("7")]
    [InlineData("Sat, 21 Nov 2026 12:00:07 GMT")]
    public async Task Retry_After_is_honoured(string value)
    {
        await using var bench = await ProviderBench.StartAsync();
        bench.On(Get, Answer.Refusal(429, "rate_limit_exceeded", ("Retry-After", value))).On(Get, Found);

        (await bench.Cloud.GetServerAsync(7, CancellationToken.None)).Value().ShouldNotBeNull();

        bench.Pauses.ShouldBe([TimeSpan.FromSeconds(7)]);
    }

    [Fact]
    public async Task A_wait_beyond_the_call_is_left_to_the_caller()
    {
        await using var bench = await ProviderBench.StartAsync();
        bench.On(Get, Answer.Refusal(429, "rate_limit_exceeded", ("Retry-After", "300")));

        var failure = (await bench.Cloud.GetServerAsync(7, CancellationToken.None)).Refusal();

        failure.Code.ShouldBe(ErrorCodes.HetznerRateLimited);
        failure.Retry.ShouldBe(Retry.Later);
        failure.RetryAfter.ShouldBe(TimeSpan.FromMinutes(5));
        bench.Pauses.ShouldBeEmpty();
        bench.Server.Done();
    }

    [Fact]
    public async Task The_callers_deadline_bounds_the_waits()
    {
        await using var bench = await ProviderBench.StartAsync();
        bench.On(Get, Answer.Refusal(429, "rate_limit_exceeded", ("Retry-After", "7")));

        using (CallScope.Begin(CallPriority.Customer, TestClock.Start.AddSeconds(5)))
            (await bench.Cloud.GetServerAsync(7, CancellationToken.None)).Refusal().RetryAfter.ShouldBe(TimeSpan.FromSeconds(7));

        bench.Pauses.ShouldBeEmpty();
        bench.Server.Done();
    }

    [Fact]
    public async Task A_lost_answer_of_a_read_is_asked_for_again()
    {
        await using var bench = await ProviderBench.StartAsync();
        bench.On(Get, Answer.Lost()).On(Get, Found);

        (await bench.Cloud.GetServerAsync(7, CancellationToken.None)).Value().ShouldNotBeNull();
        bench.Server.Done();
    }

    [Fact]
    public async Task A_read_is_sent_again_when_its_connection_was_gone_before_it_was_used()
    {
        await using var bench = await ProviderBench.StartAsync(gone: 2);
        bench.On(Get, Found);

        (await bench.Cloud.GetServerAsync(7, CancellationToken.None)).Value().ShouldNotBeNull();
        bench.Server.Done();
    }

    [Fact]
    public async Task A_create_whose_connection_was_gone_is_looked_for_first()
    {
        await using var bench = await ProviderBench.StartAsync(gone: 1);

        (await bench.Cloud.CreateServerAsync(Request, CancellationToken.None)).Refusal().Retry.ShouldBe(Retry.LookFirst);
        bench.Server.Done();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_lost_answer_of_a_create_is_never_asked_for_again(bool onUsedConnection)
    {
        await using var bench = await ProviderBench.StartAsync();
        if (onUsedConnection)
        {
            bench.On(Get, Found);
            await bench.Cloud.GetServerAsync(7, CancellationToken.None);
        }

        bench.On(Post, Answer.Lost());

        var failure = (await bench.Cloud.CreateServerAsync(Request, CancellationToken.None)).Refusal();

        failure.Retry.ShouldBe(Retry.LookFirst);
        failure.Status.ShouldBe(0);
        failure.Code.ShouldBe(ErrorCodes.HetznerUnavailable);
        bench.Server.Done();
    }

    [Theory]
    [InlineData(409, "conflict")]
    [InlineData(423, "locked")]
    [InlineData(429, "rate_limit_exceeded")]
    public async Task A_create_is_sent_again_after_a_refusal_that_proves_that_nothing_happened(int status, string code)
    {
        await using var bench = await ProviderBench.StartAsync();
        bench.On(Post, Answer.Refusal(status, code)).On(Post, Created);

        (await bench.Cloud.CreateServerAsync(Request, CancellationToken.None)).Value().Server.Id.ShouldBe(7);
        bench.Server.Done();
    }

    [Theory]
    [InlineData(500, "server_error")]
    [InlineData(502, "bad_gateway")]
    [InlineData(503, "unavailable")]
    [InlineData(504, "timeout")]
    [InlineData(422, "service_error")]
    public async Task A_create_is_looked_for_after_a_refusal_that_proves_nothing(int status, string code)
    {
        await using var bench = await ProviderBench.StartAsync();
        bench.On(Post, Answer.Refusal(status, code));

        (await bench.Cloud.CreateServerAsync(Request, CancellationToken.None)).Refusal().Retry.ShouldBe(Retry.LookFirst);
        bench.Server.Done();
    }

    [Fact]
    public async Task A_create_that_succeeded_unreadably_is_looked_for()
    {
        await using var bench = await ProviderBench.StartAsync();
        bench.On(Post, Answer.Html(201));

        (await bench.Cloud.CreateServerAsync(Request, CancellationToken.None)).Refusal().Retry.ShouldBe(Retry.LookFirst);
        bench.Server.Done();
    }

    [Fact]
    public async Task A_create_that_was_never_sent_may_be_sent_later()
    {
        await using var bench = await ProviderBench.StartAsync(hetzner: new Uri($"http://127.0.0.1:{ClosedPort()}/v1"));

        var failure = (await bench.Cloud.CreateServerAsync(Request, CancellationToken.None)).Refusal();

        failure.Retry.ShouldBe(Retry.Later);
        bench.Pauses.Count.ShouldBe(4);
    }

    [Fact]
    public async Task Silence_ends_with_the_attempts_time_and_a_read_is_sent_again()
    {
        await using var bench = await ProviderBench.StartAsync();
        var silence = Answer.Silent();
        bench.On(Get, silence).On(Get, Found);

        var call = bench.Cloud.GetServerAsync(7, CancellationToken.None);
        await silence.Arrived.Task.WaitAsync(TimeSpan.FromMinutes(2));
        bench.Clock.Advance(TimeSpan.FromSeconds(15));

        (await call).Value().ShouldNotBeNull();
        bench.Server.Done();
    }

    [Fact]
    public async Task Silence_after_a_create_ends_in_looking_first()
    {
        await using var bench = await ProviderBench.StartAsync();
        var silence = Answer.Silent();
        bench.On(Post, silence);

        var call = bench.Cloud.CreateServerAsync(Request, CancellationToken.None);
        await silence.Arrived.Task.WaitAsync(TimeSpan.FromMinutes(2));
        bench.Clock.Advance(TimeSpan.FromSeconds(15));

        (await call).Refusal().Retry.ShouldBe(Retry.LookFirst);
        bench.Server.Done();
    }

    [Fact]
    public async Task A_deadline_cuts_an_attempt_short()
    {
        await using var bench = await ProviderBench.StartAsync();
        var silence = Answer.Silent();
        bench.On(Get, silence);

        using var scope = CallScope.Begin(CallPriority.Customer, TestClock.Start.AddSeconds(3));
        var call = bench.Cloud.GetServerAsync(7, CancellationToken.None);
        await silence.Arrived.Task.WaitAsync(TimeSpan.FromMinutes(2));
        bench.Clock.Advance(TimeSpan.FromSeconds(3));

        (await call).Refusal().Retry.ShouldBe(Retry.Later);
        bench.Server.Done();
    }

    [Fact]
    public async Task Cancelling_is_no_failure_of_the_provider()
    {
        await using var bench = await ProviderBench.StartAsync();
        var silence = Answer.Silent();
        bench.On(Get, silence);
        using var source = new CancellationTokenSource();

        var call = bench.Cloud.GetServerAsync(7, source.Token);
        await silence.Arrived.Task.WaitAsync(TimeSpan.FromMinutes(2));
        await source.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(call);
        bench.Server.Done();
    }

    private static int ClosedPort()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        return port;
    }
}
