using System.Net;
using System.Security.Cryptography;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Wopr.Audit;
using Wopr.Beacons;
using Wopr.Checkout;
using Wopr.Incidents;
using Wopr.Installer;
using Wopr.Modules;
using Wopr.Orchestrator.Tests.Http;
using Wopr.Orchestrator.Tests.Modules;
using Wopr.Orchestrator.Tests.Support;
using Wopr.Platform;
using Wopr.Platform.Work;
using Wopr.Provisioning;

namespace Wopr.Orchestrator.Tests.Beacons;

/// <summary>Agents at their doors, and what operators change behind them, on a real database.</summary>
public sealed class AgentTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>, IAsyncLifetime
{
    private static readonly ModuleCatalogue Modules = TestModules.RealCatalogue();
    private static readonly InstallerTarball Installer = InstallerTarball.Build(TestModules.RealFolder, Modules);
    private static readonly string[] Starter = [.. Modules.Plan(["nextcloud", "vikunja"]).Modules!.Select(m => m.Id.Value)];
    private static readonly Actor Anna = Actor.Operator("anna");

    private readonly byte[] token = RandomNumberGenerator.GetBytes(32);
    private TestHost host = null!;
    private JobId job;

    private PlanStore Plans => new(database.Source, Catalogue.Load(), Modules, new InstallerShelf(database.Source, new(Installer)));

    public async Task InitializeAsync()
    {
        host = await TestHost.StartAsync(
            builder => builder.Services.AddSingleton(database.Source).AddSingleton<AgentStore>().AddSingleton<FirstSignIns>().AddSingleton(Plans),
            app => app.MapAgents());
        job = await database.AddJobAsync($"agent-{Guid.NewGuid():N}"[..20], JobState.Completed);
        await ExecuteAsync("""UPDATE jobs SET modules = @Starter, installer_sha256 = @old, ladder = '[{"server_type":"cx33","memory_gb":8}]', ladder_position = 0 WHERE id = @job""");
        await database.Source.InTransactionAsync((connection, transaction) => AgentStore.RegisterAsync(connection, transaction, job, Hash(token)), default);
    }

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task A_heartbeat_is_kept_and_its_troubles_come_and_go()
    {
        (await BeatAsync(SomeHeartbeat.Sound(DateTimeOffset.UtcNow) with { Disk = new Room(1000, 50) })).ShouldBe(HttpStatusCode.Accepted);
        (await OpenAsync()).ShouldBe(["BEACON-002"]);
        (await BeatAsync(SomeHeartbeat.Sound(DateTimeOffset.UtcNow) with { Disk = new Room(1000, 40) })).ShouldBe(HttpStatusCode.Accepted);
        (await OpenAsync()).ShouldBe(["BEACON-002"]);
        (await BeatAsync(SomeHeartbeat.Sound(DateTimeOffset.UtcNow))).ShouldBe(HttpStatusCode.Accepted);
        (await OpenAsync()).ShouldBeEmpty();

        var dossier = await new BeaconList(database.Source).FindAsync(job, default);
        dossier!.Heartbeat!.Disk.ShouldBe(new Room(76000, 50000));
        dossier.Beacon.Agent.ShouldBeTrue();
    }

    [Fact]
    public async Task Whoever_has_no_token_learns_nothing()
    {
        (await BeatAsync(SomeHeartbeat.Sound(), token: "")).ShouldBe(HttpStatusCode.Unauthorized);
        var answers = new List<string>();
        foreach (var (who, with) in new[] { (job, new string('0', 64)), (job, "x"), (new JobId(Guid.NewGuid()), Convert.ToHexStringLower(token)), (job, Convert.ToHexString(token)) })
        {
            using var answer = await SendAsync(HttpMethod.Get, "plan", who, with);
            answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
            answers.Add(await answer.Content.ReadAsStringAsync());
        }
        answers.Distinct().ShouldHaveSingleItem();
        using var no = await host.Client.GetAsync("/api/beacons/nobody/plan");
        no.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData("decommission_requested_at = now()")]
    [InlineData("state = 'rolled_back'")]
    public async Task A_beacon_that_is_taken_down_has_a_dead_token(string change)
    {
        await ExecuteAsync($"UPDATE jobs SET {change} WHERE id = @job");
        (await BeatAsync(SomeHeartbeat.Sound())).ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Too_much_and_too_often_are_refused()
    {
        using var large = await SendAsync(HttpMethod.Post, "heartbeat", job, Convert.ToHexStringLower(token), new ByteArrayContent(new byte[AgentEndpoints.LargestBody + 1]));
        large.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        using var odd = await SendAsync(HttpMethod.Post, "heartbeat", job, Convert.ToHexStringLower(token), new ByteArrayContent("{}"u8.ToArray()));
        odd.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);

        await ExecuteAsync($"UPDATE beacon_agents SET window_at = now(), window_count = {AgentStore.MostPerWindow} WHERE job_id = @job");
        (await BeatAsync(SomeHeartbeat.Sound())).ShouldBe(HttpStatusCode.TooManyRequests);
    }

    [Fact]
    public async Task A_plan_is_fetched_once_and_then_known_by_its_etag()
    {
        using var first = await SendAsync(HttpMethod.Get, "plan", job, Convert.ToHexStringLower(token));
        (await first.Content.ReadAsStringAsync()).ShouldBe($$"""{"number":1,"modules":["{{string.Join("\",\"", Starter)}}"],"installer_sha256":"{{Old}}"}""");
        (await PlanStatusAsync(first.Headers.ETag!.ToString())).ShouldBe(HttpStatusCode.NotModified);
        await ChangeAsync(new PlanForm("because", Update: true));
        (await PlanStatusAsync(first.Headers.ETag.ToString())).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_change_counts_when_the_beacon_has_carried_it_out()
    {
        var changed = (await ChangeAsync(new PlanForm("for Bob", Add: ["uptime-kuma"], Remove: ["vikunja"]))).ShouldBeOfType<ChangeOutcome.Changed>();
        changed.Plan.ShouldSatisfyAllConditions(p => p.Number.ShouldBe(2), p => p.InstallerSha256.ShouldBe(Installer.Sha256));
        // What goes is watched no longer, what comes not yet.
        (await ModulesAsync()).ShouldBe(Starter.Except(["vikunja"]));
        (await ChangeAsync(new PlanForm("again", Add: ["uptime-kuma"]))).ShouldBeOfType<ChangeOutcome.Already>();

        await BeatAsync(SomeHeartbeat.Sound(DateTimeOffset.UtcNow) with { Plan = new PlanProgress(1, PlanState.Applied) });
        (await ModulesAsync()).ShouldBe(Starter.Except(["vikunja"]));
        await BeatAsync(SomeHeartbeat.Sound(DateTimeOffset.UtcNow) with { Plan = new PlanProgress(2, PlanState.Applied) });
        (await ModulesAsync()).ShouldBe(changed.Plan.Modules);

        var audit = await new AuditLog(database.Source).ListAsync(job, null, 10, default);
        audit.Select(a => (a.Action, a.Outcome, a.Reason, a.Detail)).ShouldBe(
            [("change-plan", "already", "again", "plan 2: +uptime-kuma"), ("change-plan", "done", "for Bob", "plan 2: +uptime-kuma -vikunja")]);
        (await TextsAsync("SELECT data->>'message' FROM events WHERE job_id = @job ORDER BY seq")).ShouldBe(
            ["our team changes your beacon: Uptime Kuma will be added; Vikunja will be removed, and the data stay on your beacon", "the change to your applications is done"]);
    }

    [Fact]
    public async Task What_breaks_a_rule_is_refused_and_written_down()
    {
        var refused = (await ChangeAsync(new PlanForm("because", Remove: ["redis"]))).ShouldBeOfType<ChangeOutcome.Refused>();
        (refused.Status, refused.Code.Value).ShouldBe((422, "BEACON-011"));
        (await new AuditLog(database.Source).ListAsync(job, null, 10, default)).ShouldHaveSingleItem().Outcome.ShouldBe("refused");
        await ExecuteAsync("UPDATE jobs SET decommission_requested_at = now() WHERE id = @job");
        (await ChangeAsync(new PlanForm("because", Add: ["ntfy"]))).ShouldBeOfType<ChangeOutcome.Refused>().Status.ShouldBe(409);
    }

    [Fact]
    public async Task A_heartbeat_that_stays_away_is_one_incident_until_it_comes()
    {
        var check = new HeartbeatCheck(database.Source, database.Queue, new IncidentStore(database.Source), TestSettings.Make(), new TestClock());
        await check.LookAsync(default);
        (await OpenAsync()).ShouldBeEmpty();
        await ExecuteAsync("UPDATE beacon_agents SET registered_at = now() - interval '20 minutes' WHERE job_id = @job");
        await check.LookAsync(default);
        await check.LookAsync(default);
        (await OpenAsync()).ShouldBe(["BEACON-001"]);
        await BeatAsync(SomeHeartbeat.Sound(DateTimeOffset.UtcNow));
        (await OpenAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_a_beacon_told_of_ends_with_it()
    {
        var check = new HeartbeatCheck(database.Source, database.Queue, new IncidentStore(database.Source), TestSettings.Make(), new TestClock());
        await BeatAsync(SomeHeartbeat.Sound(DateTimeOffset.UtcNow) with { Disk = new Room(1000, 50) });
        await ExecuteAsync("UPDATE beacon_agents SET heartbeat_at = now() - interval '20 minutes' WHERE job_id = @job");
        await check.LookAsync(default);
        (await OpenAsync()).ShouldBe(["BEACON-002", "BEACON-001"], ignoreOrder: true);
        await ExecuteAsync("UPDATE jobs SET decommission_requested_at = now() WHERE id = @job");
        await check.LookAsync(default);
        (await OpenAsync()).ShouldBeEmpty();
    }

    private static readonly string Old = new('b', 64);

    private static AgentTokenHash Hash(byte[] token) => AgentTokenHash.Parse(Convert.ToHexStringLower(SHA256.HashData(token)))!;

    private Task<ChangeOutcome> ChangeAsync(PlanForm form) => Plans.ChangeAsync(job, form, Anna, form.Reason!, default);

    private async Task<HttpStatusCode> BeatAsync(Heartbeat heartbeat, string? token = null)
    {
        using var answer = await SendAsync(HttpMethod.Post, "heartbeat", job, token ?? Convert.ToHexStringLower(this.token), new ByteArrayContent(heartbeat.Bytes().ToArray()));
        return answer.StatusCode;
    }

    private async Task<HttpStatusCode> PlanStatusAsync(string etag)
    {
        using var answer = await SendAsync(HttpMethod.Get, "plan", job, Convert.ToHexStringLower(token), etag: etag);
        return answer.StatusCode;
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string what, JobId id, string with, HttpContent? content = null, string? etag = null)
    {
        using var request = new HttpRequestMessage(method, $"/api/beacons/{id}/{what}") { Content = content };
        if (with.Length > 0) request.Headers.Add(AgentEndpoints.TokenHeader, with);
        if (etag is not null) request.Headers.Add("If-None-Match", etag);
        return await host.Client.SendAsync(request);
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = await database.Source.OpenConnectionAsync();
        await connection.ExecuteAsync(sql, new { job = job.Value, Starter, old = Old });
    }

    private async Task<IReadOnlyList<string>> TextsAsync(string sql)
    {
        await using var connection = await database.Source.OpenConnectionAsync();
        return [.. await connection.QueryAsync<string>(sql, new { job = job.Value })];
    }

    private async Task<string[]> ModulesAsync()
    {
        await using var connection = await database.Source.OpenConnectionAsync();
        return await connection.QuerySingleAsync<string[]>("SELECT modules FROM jobs WHERE id = @job", new { job = job.Value });
    }

    private Task<IReadOnlyList<string>> OpenAsync() => TextsAsync("SELECT code FROM incidents WHERE job_id = @job AND closed_at IS NULL ORDER BY code DESC");
}
