using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Dapper;
using Npgsql;
using Wopr.Integration.Tests.Stack;
using Wopr.Tests.Support;

namespace Wopr.Integration.Tests.Operators;

/// <summary>Operators steer real jobs: cancelling wins at every moment, nothing is left, and what failed goes on.</summary>
public sealed class VerbTests
{
    /// <summary>Each holds the jobs up in another place: a slow call, a refusing provider, a server that never starts, a silent beacon.</summary>
    public static TheoryData<string, string> Moments => new()
    {
        { "provisioning_vps", """{"provider":"hetzner","method":"POST","path":"/servers","kind":"latency","ms":60000}""" },
        { "configuring_dns", """{"provider":"cloudflare","kind":"status","status":503}""" },
        { "waiting_for_vps", """{"provider":"hetzner","kind":"never_running"}""" },
        { "deploying_wopr", """{"provider":"hetzner","kind":"no_boot"}""" },
    };

    [Theory]
    [MemberData(nameof(Moments))]
    public async Task Cancelling_wins_within_seconds_and_leaves_nothing(string state, string rule)
    {
        await using var stack = await WoprStack.StartAsync();
        await stack.Sandbox.MisbehaveAsync(JsonSerializer.Deserialize<JsonElement>(rule));
        var job = await stack.OrderAsync("cancelled");
        await stack.UntilAsync(job, state);

        var asked = Stopwatch.StartNew();
        (await DoAsync(stack, job, "cancel")).StatusCode.ShouldBe(HttpStatusCode.Accepted);
        await stack.UntilAsync(job, "rolling_back", "cancelled");
        asked.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(20));
        (await DoAsync(stack, job, "cancel")).StatusCode.ShouldBe(HttpStatusCode.OK);
        await stack.Sandbox.BehaveAsync();

        var status = await stack.UntilAsync(job, "cancelled");
        status.GetProperty("error").ValueKind.ShouldBe(JsonValueKind.Null);
        await ShouldBeEmptyAsync(stack);
        status.GetProperty("timeline").EnumerateArray().ShouldContain(e => (e.GetProperty("message").GetString() ?? "").StartsWith("everything has been removed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_beacon_is_decommissioned_and_its_name_is_free_again()
    {
        await using var stack = await WoprStack.StartAsync();
        var job = await stack.OrderAsync("again");
        await stack.UntilAsync(job, "completed");
        (await DoAsync(stack, job, "cancel")).StatusCode.ShouldBe(HttpStatusCode.Conflict);

        (await DoAsync(stack, job, "decommission")).StatusCode.ShouldBe(HttpStatusCode.Accepted);
        var status = await stack.UntilAsync(job, "rolled_back");

        await ShouldBeEmptyAsync(stack);
        status.GetProperty("timeline").EnumerateArray().ShouldContain(e => e.GetProperty("message").GetString() == "to be removed: 1 server, 2 addresses, 4 DNS records");
        (await stack.UntilAsync(await stack.OrderAsync("again"), "completed")).GetProperty("state").GetString().ShouldBe("completed");
        var audit = await GetAsync(stack, $"/api/operator/audit?job={job}");
        audit.GetProperty("entries").EnumerateArray().Select(e => $"{e.GetProperty("action").GetString()} {e.GetProperty("outcome").GetString()}").ShouldBe(["decommission done", "cancel refused"]);
    }

    [Fact]
    public async Task A_failed_job_keeps_what_it_has_and_is_resumed_when_the_trouble_is_over()
    {
        await using var stack = await WoprStack.StartAsync();
        await stack.Sandbox.MisbehaveAsync(JsonSerializer.Deserialize<JsonElement>("""{"provider":"hetzner","kind":"out_of_stock"}"""));
        var job = await stack.OrderAsync("resumed");
        await stack.UntilAsync(job, "failed");
        var list = await GetAsync(stack, "/api/operator/jobs?state=failed&code=HETZ-005&q=resu");
        list.GetProperty("jobs").EnumerateArray().ShouldHaveSingleItem().GetProperty("job_id").GetString().ShouldBe(job);
        await stack.Sandbox.BehaveAsync();

        (await DoAsync(stack, job, "resume")).StatusCode.ShouldBe(HttpStatusCode.Accepted);

        var status = await stack.UntilAsync(job, "completed", "rolled_back");
        status.GetProperty("state").GetString().ShouldBe("completed", status.ToString());
        status.GetProperty("error").ValueKind.ShouldBe(JsonValueKind.Null);
        (await stack.Sandbox.ServersAsync()).Count.ShouldBe(1);
        (await DoAsync(stack, job, "resume")).StatusCode.ShouldBe(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task When_the_beacon_gave_up_the_old_server_goes_before_a_new_one_is_made()
    {
        await using var stack = await WoprStack.StartAsync(boot: "none");
        var job = await stack.OrderAsync("rebuilt");
        await stack.UntilAsync(job, "deploying_wopr");
        var old = (await stack.Sandbox.ServersAsync()).ShouldHaveSingleItem().GetProperty("id").GetInt64();
        await ReportAsync(stack, job, new { stage = "error", progress = 40, module = "outline", error = "MODULE-003", seq = 1 });
        await stack.UntilAsync(job, "failed");
        var before = await GetAsync(stack, $"/api/operator/jobs/{job}");
        before.GetProperty("job").GetProperty("error_code").GetString().ShouldBe("MODULE-003");
        before.GetProperty("verbs").EnumerateArray().Select(v => v.GetString()).ShouldBe(["resume", "decommission", "cancel", "rotate-token", "resend-mail"]);
        before.GetProperty("order").GetProperty("email").ValueKind.ShouldBe(JsonValueKind.Null);

        (await DoAsync(stack, job, "resume")).StatusCode.ShouldBe(HttpStatusCode.Accepted);
        await stack.UntilAsync(job, "deploying_wopr");

        (await stack.Sandbox.ServersAsync()).ShouldHaveSingleItem().GetProperty("id").GetInt64().ShouldNotBe(old);
        var events = (await stack.StatusAsync(job)).GetProperty("timeline").EnumerateArray().Select(e => e.GetProperty("message").GetString()).ToList();
        events.ShouldContain("the old server is gone: nothing of it is left at the provider");
        (await stack.Sandbox.OurRecordsAsync()).Count.ShouldBe(4);
    }

    [Fact]
    public async Task A_beacon_that_still_holds_its_token_gets_through_while_the_job_is_failed_and_after_it_is_resumed()
    {
        await using var stack = await WoprStack.StartAsync(boot: "none");
        var job = await stack.OrderAsync("patient");
        await stack.UntilAsync(job, "deploying_wopr");
        await ReportAsync(stack, job, new { stage = "boot", progress = 2, seq = 1 });
        await LetTheDeadlinePassAsync(stack, job);
        (await stack.UntilAsync(job, "failed")).GetProperty("error").GetProperty("code").GetString().ShouldBe("CALLBACK-003");

        (await CallAsync(stack, job, new { stage = "packages", progress = 10, seq = 2 })).StatusCode.ShouldBe(HttpStatusCode.Accepted);
        (await DoAsync(stack, job, "resume")).StatusCode.ShouldBe(HttpStatusCode.Accepted);
        await stack.UntilAsync(job, "deploying_wopr");
        (await CallAsync(stack, job, new { stage = "complete", progress = 100, seq = 3 })).StatusCode.ShouldBe(HttpStatusCode.Accepted);
        await stack.UntilAsync(job, "verifying");

        (await DoAsync(stack, job, "decommission")).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await DoAsync(stack, job, "cancel")).StatusCode.ShouldBe(HttpStatusCode.Accepted);
        await stack.UntilAsync(job, "cancelled");
        (await CallAsync(stack, job, new { stage = "complete", progress = 100, seq = 4 })).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        await ShouldBeEmptyAsync(stack);
    }

    [Fact]
    public async Task Only_operators_with_a_reason_may()
    {
        await using var stack = await WoprStack.StartAsync(boot: "none");
        var job = await stack.OrderAsync("guarded");

        using var stranger = await stack.Http.PostAsJsonAsync($"/api/operator/jobs/{job}/cancel", new { reason = "because" });
        stranger.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        using var list = await stack.Http.GetAsync("/api/operator/jobs");
        list.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await DoAsync(stack, job, "cancel", new { reason = " " })).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await DoAsync(stack, job, "cancel", new { reason = "x", from = "pending" })).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await DoAsync(stack, Guid.NewGuid().ToString(), "cancel")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await DoAsync(stack, "nonsense", "cancel")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    private static byte[] Token => [.. Enumerable.Repeat((byte)7, 32)];

    private static Task<HttpResponseMessage> DoAsync(WoprStack stack, string job, string verb, object? body = null) =>
        SendAsync(stack, HttpMethod.Post, $"/api/operator/jobs/{job}/{verb}", body ?? new { reason = "because" });

    private static async Task<JsonElement> GetAsync(WoprStack stack, string path)
    {
        using var response = await SendAsync(stack, HttpMethod.Get, path, null);
        var text = await response.Content.ReadAsStringAsync();
        response.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        return JsonSerializer.Deserialize<JsonElement>(text);
    }

    private static Task<HttpResponseMessage> SendAsync(WoprStack stack, HttpMethod method, string path, object? body)
    {
        var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", WoprStack.OperatorKey);
        return stack.Http.SendAsync(request);
    }

    /// <summary>What the beacon says, with a token of the test's own.</summary>
    private static async Task ReportAsync(WoprStack stack, string job, object report)
    {
        await ExecuteAsync(stack, "INSERT INTO callback_tokens (hash, job_id, fingerprint, expires_at) VALUES (@hash, @job, 'test', now() + interval '1 hour')",
            new { hash = SHA256.HashData(Token), job = Guid.Parse(job) });
        (await CallAsync(stack, job, report)).StatusCode.ShouldBe(HttpStatusCode.Accepted);
    }

    private static Task<HttpResponseMessage> CallAsync(WoprStack stack, string job, object report)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"/api/provision/{job}/callback") { Content = JsonContent.Create(report) };
        request.Headers.Add("X-Callback-Token", Convert.ToHexStringLower(Token));
        return stack.Http.SendAsync(request);
    }

    /// <summary>Only once the driver has dealt with what the beacon said, and waits again: it would set another deadline.</summary>
    private static async Task LetTheDeadlinePassAsync(WoprStack stack, string job)
    {
        await Patience.UntilAsync(async () => await ExecuteAsync(stack, """
            WITH item AS (UPDATE work_items SET wake_at = now() WHERE kind = 'provision' AND subject = @job AND lease_until IS NULL AND wake_at > now() RETURNING subject)
            UPDATE jobs SET deadline_at = now() WHERE id = (SELECT subject FROM item)
            """, new { job = Guid.Parse(job) }) == 1, () => "the job never waits");
    }

    private static async Task<int> ExecuteAsync(WoprStack stack, string sql, object parameters)
    {
        await using var connection = new NpgsqlConnection(stack.ConnectionString + ";Gss Encryption Mode=Disable");
        return await connection.ExecuteAsync(sql, parameters);
    }

    private static async Task ShouldBeEmptyAsync(WoprStack stack)
    {
        (await stack.Sandbox.ServersAsync()).ShouldBeEmpty();
        (await stack.Sandbox.PrimaryIpsAsync()).ShouldBeEmpty();
        (await stack.Sandbox.OurRecordsAsync()).ShouldBeEmpty();
    }
}
