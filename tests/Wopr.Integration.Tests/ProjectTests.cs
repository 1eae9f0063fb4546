using System.Net;
using System.Net.Http.Json;
using Dapper;
using Npgsql;
using Wopr.Integration.Tests.Stack;

namespace Wopr.Integration.Tests;

/// <summary>Two projects at the provider, main and north, each with a token that sees nothing of the other.</summary>
public sealed class ProjectTests
{
    private const string Main = "sandbox-hetzner";
    private const string North = "sandbox-hetzner-north";

    [Fact]
    public async Task Orders_are_placed_over_the_projects_and_what_is_theirs_stays_where_it_is()
    {
        await using var stack = await WoprStack.StartAsync(environment: With("north", closed: ""));
        await stack.Sandbox.MisbehaveAsync(
            new { kind = "limit", token = Main, limit = 1 },
            new { kind = "lost", token = North, method = "POST", path = "/servers", after = 1, times = 1 });

        // To main by its name, then to the emptier one, where the answer to the second is lost: it is found there, and not made again.
        var jobs = new List<string>();
        foreach (var name in new[] { "first", "second", "third" })
        {
            jobs.Add(await stack.OrderAsync(name));
            await stack.UntilAsync(jobs[^1], "completed", "failed");
        }
        (await Task.WhenAll(jobs.Select(job => ProjectOfAsync(stack, job)))).ShouldBe(["completed in main", "completed in north", "completed in north"], "main says that it is full");
        (await stack.Sandbox.ServersSeenWithAsync(Main)).ShouldBe(["first"]);
        (await stack.Sandbox.ServersSeenWithAsync(North)).ShouldBe(["second", "third"]);
        (await stack.Sandbox.FirewallsAsync()).Count.ShouldBe(2, "one for each project");

        var board = (await stack.OperatorAsync("/api/operator/queue")).GetProperty("projects").EnumerateArray().ToDictionary(p => p.GetProperty("name").GetString()!);
        (board["main"].GetProperty("servers").GetInt32(), board["main"].GetProperty("state").GetString()).ShouldBe((1, "full"));
        (board["north"].GetProperty("servers").GetInt32(), board["north"].GetProperty("state").GetString()).ShouldBe((2, "open"));

        await DecommissionAsync(stack, jobs[1]);
        await stack.UntilAsync(jobs[1], "rolled_back");
        (await stack.Sandbox.ServersSeenWithAsync(North)).ShouldBe(["third"]);
        (await stack.Sandbox.ServersSeenWithAsync(Main)).ShouldBe(["first"]);
        (await stack.Sandbox.RecordsOfAsync(Guid.Parse(jobs[1]))).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_project_that_is_not_configured_any_more_is_not_touched()
    {
        await using var stack = await WoprStack.StartAsync(environment: With("north", closed: "main"));
        var job = await stack.OrderAsync("anna");
        await stack.UntilAsync(job, "completed", "failed");
        (await stack.Sandbox.ServersSeenWithAsync(North)).ShouldBe(["anna"], "main is closed to new servers");

        await stack.RestartServiceAsync(more: With("", closed: ""));
        await DecommissionAsync(stack, job);
        await stack.UntilAsync(() => HasIncidentAsync(stack, ""), "an incident tells of it");
        (await stack.StatusAsync(job)).GetProperty("state").GetString().ShouldBe("rolling_back");
        (await stack.Sandbox.ServersSeenWithAsync(North)).ShouldBe(["anna"]);

        // Configured again, and closed to new servers: what is there is served to its end. The next try is a minute away.
        stack.Service!.Kill();
        await using (var database = new NpgsqlConnection(stack.ConnectionString))
            await database.ExecuteAsync("UPDATE work_items SET wake_at = now() WHERE kind = 'provision'");
        await stack.RestartServiceAsync(more: With("north", closed: "north"));
        await stack.UntilAsync(job, "rolled_back");
        (await stack.Sandbox.ServersSeenWithAsync(North)).ShouldBeEmpty();
        await stack.UntilAsync(() => HasIncidentAsync(stack, "?state=closed"), "the incident is closed");
    }

    private static Dictionary<string, string> With(string projects, string closed) =>
        new(StringComparer.Ordinal) { ["WOPR_SANDBOX_HETZNER_PROJECTS"] = projects, ["WOPR_SANDBOX_HETZNER_CLOSED"] = closed };

    private static async Task<bool> HasIncidentAsync(WoprStack stack, string query) =>
        (await stack.IncidentsAsync(query)).Any(i => i.GetProperty("cause").GetString() == "provider:hetzner:north" && i.GetProperty("code").GetString() == "HETZ-016");

    private static async Task<string> ProjectOfAsync(WoprStack stack, string job)
    {
        var facts = (await stack.OperatorAsync($"/api/operator/jobs/{job}")).GetProperty("job");
        return $"{facts.GetProperty("state").GetString()} in {facts.GetProperty("project").GetString()}";
    }

    private static async Task DecommissionAsync(WoprStack stack, string job)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/operator/jobs/{job}/decommission")
        {
            Headers = { { "Authorization", $"Bearer {WoprStack.OperatorKey}" } },
            Content = JsonContent.Create(new { reason = "a test" }),
        };
        using var response = await stack.Http.SendAsync(request);
        response.StatusCode.ShouldBe(HttpStatusCode.Accepted, await response.Content.ReadAsStringAsync());
    }
}
