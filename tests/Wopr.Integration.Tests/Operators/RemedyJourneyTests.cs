using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Dapper;
using Npgsql;
using Wopr.Integration.Tests.Stack;

namespace Wopr.Integration.Tests.Operators;

/// <summary>What is wrong with one job is put right by the support tier, from the wish to the beacon that is ready.</summary>
public sealed class RemedyJourneyTests
{
    [Fact]
    public async Task A_server_that_never_spoke_is_kept_as_a_snapshot_and_built_anew_when_a_human_says_so()
    {
        await using var stack = await WoprStack.StartAsync(environment: new Dictionary<string, string> { ["WOPR_RETENTION_MINUTES"] = "60" });
        await stack.Sandbox.MisbehaveAsync(new { provider = "hetzner", kind = "no_boot" });
        var job = await stack.OrderAsync("anew");
        await stack.UntilAsync(job, "deploying_wopr");
        await stack.UntilAsync(() => LetTheDeadlinePassAsync(stack, job), "the job waits, and has waited too long");
        await stack.UntilAsync(job, "failed");
        var old = (await stack.Sandbox.ServersAsync()).ShouldHaveSingleItem().GetProperty("id").GetInt64();
        await stack.Sandbox.BehaveAsync();
        var key = (await AnswerAsync(stack, "/api/operator/support-keys", new { name = "night shift", scopes = (string[])["remedy", "diagnose"] })).GetProperty("key").GetString()!;

        // The customer hears of it once more, and the token is renewed by whoever approves.
        (await AnswerAsync(stack, "/api/support/remedies/resend-mail", new { job, reason = "lost" }, key)).GetProperty("status").GetString().ShouldBe("done");
        var proposed = await AnswerAsync(stack, "/api/support/remedies/reissue-token", new { job, code = "CALLBACK-002", reason = "refused" }, key);
        (proposed.GetProperty("status").GetString(), proposed.GetProperty("secret").ValueKind).ShouldBe(("proposed", JsonValueKind.Null));
        var approved = await AnswerAsync(stack, $"/api/operator/remedies/runs/{proposed.GetProperty("run").GetString()}/approve", new { reason = "seen" });
        approved.GetProperty("secret").GetString().ShouldNotBeNull().Length.ShouldBe(64);

        (await StatusAsync(stack, "/api/support/remedies/recreate-server", new { job, code = "CALLBACK-003", reason = "now" }, key)).ShouldBe(HttpStatusCode.Forbidden);
        var dry = await AnswerAsync(stack, "/api/support/remedies/recreate-server", new { job, reason = "it never spoke", dry_run = true });
        dry.GetProperty("changes")[0].GetString().ShouldBe($"a snapshot of server {old}");
        var done = await AnswerAsync(stack, "/api/support/remedies/recreate-server", new { job, reason = "it never spoke" });
        done.GetProperty("detail").GetString().ShouldNotBeNull().ShouldStartWith($"A snapshot of server {old} was kept.");

        await stack.UntilAsync(job, "completed");
        (await stack.Sandbox.ServersAsync()).ShouldHaveSingleItem().GetProperty("id").GetInt64().ShouldNotBe(old);
        (await stack.Sandbox.CallsAsync()).Where(c => c.Path.EndsWith("/actions/create_image", StringComparison.Ordinal)).Sum(c => c.Count).ShouldBe(1);
        (await StatusAsync(stack, "/api/support/remedies/recreate-server", new { job, reason = "again" }, WoprStack.OperatorKey)).ShouldBe(HttpStatusCode.Conflict);
        (await StatusAsync(stack, "/api/support/remedies/reissue-token", new { job, reason = "again" }, key)).ShouldBe(HttpStatusCode.Conflict);
        (await AnswerAsync(stack, "/api/support/diagnose", new { job }, key)).GetProperty("verdict").GetString().ShouldBe("unknown");
    }

    private static async Task<bool> LetTheDeadlinePassAsync(WoprStack stack, string job)
    {
        await using var connection = new NpgsqlConnection(stack.ConnectionString);
        return await connection.ExecuteAsync("""
            WITH item AS (UPDATE work_items SET wake_at = now() WHERE kind = 'provision' AND subject = @job AND lease_until IS NULL AND wake_at > now() RETURNING subject)
            UPDATE jobs SET deadline_at = now() WHERE id = (SELECT subject FROM item)
            """, new { job = Guid.Parse(job) }) == 1;
    }

    private static async Task<JsonElement> AnswerAsync(WoprStack stack, string path, object form, string key = WoprStack.OperatorKey)
    {
        using var response = await SendAsync(stack, path, form, key);
        response.IsSuccessStatusCode.ShouldBeTrue(await response.Content.ReadAsStringAsync());
        return await WoprStack.JsonOf(response);
    }

    private static async Task<HttpStatusCode> StatusAsync(WoprStack stack, string path, object form, string key)
    {
        using var response = await SendAsync(stack, path, form, key);
        return response.StatusCode;
    }

    private static Task<HttpResponseMessage> SendAsync(WoprStack stack, string path, object form, string key)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(form) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return stack.Http.SendAsync(request);
    }
}
