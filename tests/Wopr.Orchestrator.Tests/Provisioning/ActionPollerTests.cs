using Dapper;
using Wopr.Callbacks;
using Wopr.Orchestrator.Tests.Http;
using Wopr.Orchestrator.Tests.Support;
using Wopr.Platform;
using Wopr.Platform.Work;
using Wopr.Provisioning;
using Wopr.Provisioning.Ports;

namespace Wopr.Orchestrator.Tests.Provisioning;

/// <summary>One poller for all jobs, on a real database and in front of a provider that answers only what is expected.</summary>
public sealed class ActionPollerTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>, IAsyncLifetime
{
    private static readonly ProjectName North = ProjectName.Parse("north");
    private static readonly WorkKey Main = ActionPoller.KeyOf(ProjectName.Main);

    public async Task InitializeAsync() => await ExecuteAsync("TRUNCATE orders, jobs, provider_actions, work_items CASCADE");

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Every_overdue_action_is_asked_for_in_chunks_of_25_and_nothing_else()
    {
        await using var bench = await ProviderBench.StartAsync();
        var job = await JobAsync();
        for (var id = 1; id <= 30; id++) await ActionAsync(job, id, overdue: 60 - id);
        await ActionAsync(job, 31, overdue: -3000);
        await ActionAsync(job, 32, overdue: 60, status: "success");
        bench.On($"GET /v1/actions?{string.Join('&', Enumerable.Range(1, 25).Select(id => $"id={id}"))}", Answers(1, 25))
            .On($"GET /v1/actions?{string.Join('&', Enumerable.Range(26, 5).Select(id => $"id={id}"))}", Answers(26, 5));

        await PollAsync(bench);

        bench.Server.Done();
        (await StatusesAsync()).ShouldBe([.. Enumerable.Repeat("success", 30), "running", "success"]);
        (await SignalsAsync(job)).ShouldBe(30);
        (await NextRoundAfterAsync("poll_at", 31)).ShouldBe(0, tolerance: 0.01, "when the last one falls due");
    }

    [Fact]
    public async Task A_failed_action_and_one_that_the_provider_does_not_know_wake_their_job()
    {
        await using var bench = await ProviderBench.StartAsync();
        var job = await JobAsync();
        await ActionAsync(job, 1, overdue: 2);
        await ActionAsync(job, 2, overdue: 1);
        bench.On("GET /v1/actions?id=1&id=2", new Answer(200, """{"actions":[{"id":1,"status":"error","progress":100,"error":{"code":"action_failed","message":"text"}}]}"""));
        await PollAsync(bench);
        (await StatusesAsync()).ShouldBe(["error", "error"]);
        (await SignalsAsync(job)).ShouldBe(2);
        (await SleepsAsync()).ShouldBeTrue();
    }

    [Fact]
    public async Task The_beacons_callback_makes_asking_unnecessary()
    {
        await using var bench = await ProviderBench.StartAsync();
        var job = await JobAsync();
        await ActionAsync(job, 1, overdue: 5);
        await ExecuteAsync("INSERT INTO callback_tokens (hash, job_id, fingerprint, expires_at) VALUES (sha256('\\x00'), @job, 'test', now() + interval '1 hour')", new { job = job.Value });
        (await new CallbackStore(database.Source, new RandomIdSource(), TimeProvider.System).TakeAsync(job, "00", new CallbackReport(BeaconStage.Boot, 2, null, null, null, 1), CancellationToken.None)).ShouldBe(CallbackOutcome.Accepted);
        await PollAsync(bench);
        bench.Server.Received.ShouldBeEmpty();
        (await SleepsAsync()).ShouldBeTrue();
    }

    [Fact]
    public async Task What_goes_on_for_long_is_asked_for_ever_less_often_and_rounds_are_apart()
    {
        await using var bench = await ProviderBench.StartAsync();
        var job = await JobAsync();
        await ActionAsync(job, 1, overdue: 2, age: 100);
        await ActionAsync(job, 2, overdue: 1, age: 8);
        bench.On("GET /v1/actions?id=1&id=2", new Answer(200, """{"actions":[{"id":1,"status":"running","progress":50},{"id":2,"status":"running","progress":50}]}"""));
        await PollAsync(bench);
        foreach (var (age, pause) in await AgesAndPausesAsync()) pause.ShouldBe(Math.Max(3, age / 4), tolerance: 0.01);
        (await NextRoundAfterAsync("updated_at", 2)).ShouldBeGreaterThanOrEqualTo(3);
        (await SignalsAsync(job)).ShouldBe(0);
    }

    [Fact]
    public async Task A_provider_that_asks_for_patience_gets_it_and_the_actions_stay()
    {
        await using var bench = await ProviderBench.StartAsync();
        await ActionAsync(await JobAsync(), 1, overdue: 1);
        bench.On("GET /v1/actions?id=1", Answer.Refusal(429, "rate_limit_exceeded", ("Retry-After", "90")));
        await PollAsync(bench);
        (await StatusesAsync()).ShouldBe(["running"]);
        (await NextRoundAfterAsync("poll_at", 1)).ShouldBeGreaterThanOrEqualTo(90);
    }

    [Fact]
    public async Task Each_project_is_asked_for_its_own_and_one_that_is_not_configured_for_nothing()
    {
        await using var bench = await ProviderBench.StartAsync();
        await ActionAsync(await JobAsync(), 1, overdue: 1);
        await ActionAsync(await JobAsync("north"), 2, overdue: 1);
        bench.On("GET /v1/actions?id=1", Answers(1, 1));
        await PollAsync(bench);
        (await StatusesAsync()).ShouldBe(["success", "running"]);
        (await SleepsAsync()).ShouldBeTrue("nothing of main is running");

        await PollAsync(bench, North);
        bench.Server.Done();
        (await StatusesAsync()).ShouldBe(["success", "running"]);
        (await SleepsAsync(North)).ShouldBeFalse("it may be configured again");
    }

    private async Task PollAsync(ProviderBench bench, ProjectName? project = null)
    {
        var key = ActionPoller.KeyOf(project ?? ProjectName.Main);
        await ExecuteAsync("INSERT INTO work_items (kind, subject, wake_at) VALUES (@Kind, @Subject, now())", key);
        var (leases, _) = await database.Queue.LeaseAsync(10, CancellationToken.None);
        await new ActionPoller(database.Source, database.Queue, bench.Clouds).HandleAsync(leases.Single(l => l.Key == key), CancellationToken.None);
    }

    /// <summary>A job that waits for its server; its own work item sleeps.</summary>
    private async Task<JobId> JobAsync(string? project = null)
    {
        var id = Guid.NewGuid();
        await ExecuteAsync("""
            INSERT INTO orders (id, source, fingerprint, bundle, tier, beacon_name, email, price_cents, currency)
            VALUES (@id, 'operator', '', 'starter', 1, 'b', 'a@example.com', 0, 'EUR');
            INSERT INTO jobs (id, order_id, state, beacon_name, fqdn, name_held, project) VALUES (@id, @id, 'waiting_for_vps', 'b', 'b.example.com', false, @project);
            INSERT INTO work_items (kind, subject, wake_at) VALUES ('provision', @id, 'infinity')
            """, new { id, project });
        return new JobId(id);
    }

    private Task ActionAsync(JobId job, long id, int overdue, int age = 10, string status = "running") => ExecuteAsync("""
        INSERT INTO provider_actions (id, job_id, command, status, poll_at, created_at)
        VALUES (@id, @job, 'create_server', @status, now() - make_interval(secs => @overdue), now() - make_interval(secs => @age))
        """, new { id, job = job.Value, overdue, age, status });

    private async Task<string[]> StatusesAsync()
    {
        await using var connection = await database.Source.OpenConnectionAsync();
        return [.. await connection.QueryAsync<string>("SELECT status FROM provider_actions ORDER BY id")];
    }

    private Task<long> SignalsAsync(JobId job) => ScalarAsync<long>("SELECT signals FROM work_items WHERE kind = 'provision' AND subject = @id", new { id = job.Value });

    /// <summary>Seconds between a moment of an action, as the database wrote it, and the next round: no machine is too slow for these.</summary>
    private Task<double> NextRoundAfterAsync(string moment, long action) => ScalarAsync<double>($"""
        SELECT extract(epoch FROM w.wake_at - a.{moment})::float8 FROM work_items w, provider_actions a
        WHERE w.kind = @Kind AND w.subject = @Subject AND a.id = @action
        """, new { Main.Kind, Main.Subject, action });

    private Task<bool> SleepsAsync(ProjectName? project = null) =>
        ScalarAsync<bool>("SELECT wake_at = 'infinity' FROM work_items WHERE kind = @Kind AND subject = @Subject", ActionPoller.KeyOf(project ?? ProjectName.Main));

    /// <summary>In seconds: how old each action was when it was looked at, and how long until it is again.</summary>
    private async Task<IEnumerable<(double Age, double Pause)>> AgesAndPausesAsync()
    {
        await using var connection = await database.Source.OpenConnectionAsync();
        return await connection.QueryAsync<(double, double)>("""
            SELECT extract(epoch FROM updated_at - created_at)::float8, extract(epoch FROM poll_at - updated_at)::float8 FROM provider_actions
            """);
    }

    private async Task<T> ScalarAsync<T>(string sql, object parameters)
    {
        await using var connection = await database.Source.OpenConnectionAsync();
        return (await connection.ExecuteScalarAsync<T>(sql, parameters))!;
    }

    private async Task ExecuteAsync(string sql, object? parameters = null)
    {
        await using var connection = await database.Source.OpenConnectionAsync();
        await connection.ExecuteAsync(sql, parameters);
    }

    private static Answer Answers(int first, int count) =>
        new(200, $$"""{"actions":[{{string.Join(',', Enumerable.Range(first, count).Select(id => $$"""{"id":{{id}},"status":"success","progress":100}"""))}}]}""");
}
