using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;
using Wopr.Integration.Tests.Stack;
using Wopr.Tests.Support;

namespace Wopr.Integration.Tests;

/// <summary>After a beacon was handed over: it tells WOPR how it is, and becomes what an operator says.</summary>
public sealed class BeaconAgentTests
{
    [ToolFact("bash", "setpriv", "setsid", "curl", "flock")]
    public async Task An_operator_changes_a_finished_beacon_and_it_carries_that_out_itself()
    {
        await using var stack = await WoprStack.StartAsync(boot: "script");
        stack.JobPatience = TimeSpan.FromMinutes(2);
        var job = await stack.OrderAsync("changing");
        await stack.UntilAsync(job, "completed");
        await HeardAsync(stack, job, h => h.GetProperty("plan").GetProperty("number").GetInt32() == 1);

        (await ChangeAsync(stack, job, new { reason = "asked by mail", add = new[] { "ntfy" }, remove = new[] { "vikunja" } })).ShouldBe(HttpStatusCode.Accepted);
        await HeardAsync(stack, job, h => h.GetProperty("plan").GetProperty("number").GetInt32() == 2 && h.GetProperty("plan").GetProperty("state").GetString() == "applied");

        var status = await stack.StatusAsync(job);
        var apps = status.GetProperty("apps").EnumerateArray().Select(a => a.GetProperty("id").GetString()).ToList();
        apps.ShouldContain("ntfy");
        apps.ShouldNotContain("vikunja");
        status.GetProperty("timeline").EnumerateArray().Last().GetProperty("message").GetString().ShouldBe("the change to your applications is done");
        (await ChangeAsync(stack, job, new { reason = "by mistake", remove = new[] { "caddy" } })).ShouldBe(HttpStatusCode.UnprocessableEntity);
        await RunAgainAsync(stack, job);
        // The watch from outside goes by the new plan.
        await stack.CheckBeaconsAsync();
        (await stack.IncidentsAsync()).ShouldBeEmpty();

        (await PostAsync(stack, $"/api/operator/jobs/{job}/decommission", new { reason = "the end" })).ShouldBe(HttpStatusCode.Accepted);
        await stack.UntilAsync(job, "rolled_back");
        await using var connection = new NpgsqlConnection(stack.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT count(*) FROM beacon_agents", connection);
        // The job is in its last state a moment before its end, which takes the agent along.
        await stack.UntilAsync(async () => await command.ExecuteScalarAsync() is 0L, "the agent of a beacon that is no more is gone");
    }

    /// <summary>Two remedies of the support tier that the agent carries out: one at a human's word, one that a human approved.</summary>
    private static async Task RunAgainAsync(WoprStack stack, string job)
    {
        var wish = new { job, reason = "an application hangs", dry_run = true };
        (await AnswerAsync(stack, "/api/support/remedies/rerun-installer", wish)).GetProperty("status").GetString().ShouldBe("would");
        (await AnswerAsync(stack, "/api/support/remedies/rerun-installer", new { job, reason = "an application hangs" })).GetProperty("status").GetString().ShouldBe("done");
        await HeardAsync(stack, job, h => h.GetProperty("plan").GetProperty("number").GetInt32() == 3 && h.GetProperty("plan").GetProperty("state").GetString() == "applied");

        var key = (await AnswerAsync(stack, "/api/operator/support-keys", new { name = "night shift", scopes = (string[])["remedy"] })).GetProperty("key").GetString()!;
        var proposed = await AnswerAsync(stack, "/api/support/remedies/recreate-network", new { job, code = "PODMAN-001", reason = "no names" }, key);
        proposed.GetProperty("status").GetString().ShouldBe("proposed");
        (await AnswerAsync(stack, $"/api/operator/remedies/runs/{proposed.GetProperty("run").GetString()}/approve", new { reason = "seen" })).GetProperty("status").GetString().ShouldBe("done");
        await HeardAsync(stack, job, h => h.GetProperty("plan").GetProperty("number").GetInt32() == 4 && h.GetProperty("plan").GetProperty("state").GetString() == "applied");
    }

    private static async Task<JsonElement> AnswerAsync(WoprStack stack, string path, object form, string key = WoprStack.OperatorKey)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(form), Headers = { { "Authorization", $"Bearer {key}" } } };
        using var response = await stack.Http.SendAsync(request);
        response.IsSuccessStatusCode.ShouldBeTrue(await response.Content.ReadAsStringAsync());
        return await WoprStack.JsonOf(response);
    }

    private static Task HeardAsync(WoprStack stack, string job, Func<JsonElement, bool> wanted) => stack.UntilAsync(async () =>
    {
        var heartbeat = (await stack.OperatorAsync($"/api/operator/beacons/{job}")).GetProperty("heartbeat");
        return heartbeat.ValueKind == JsonValueKind.Object && wanted(heartbeat);
    }, "the beacon was heard of");

    private static Task<HttpStatusCode> ChangeAsync(WoprStack stack, string job, object form) => PostAsync(stack, $"/api/operator/beacons/{job}/plan", form);

    private static async Task<HttpStatusCode> PostAsync(WoprStack stack, string path, object form)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(form), Headers = { { "Authorization", $"Bearer {WoprStack.OperatorKey}" } } };
        using var response = await stack.Http.SendAsync(request);
        return response.StatusCode;
    }
}
