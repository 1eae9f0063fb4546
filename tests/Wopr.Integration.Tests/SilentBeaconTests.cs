using System.Text.Json;
using Wopr.Integration.Tests.Stack;

namespace Wopr.Integration.Tests;

/// <summary>A server that runs but never says a word.</summary>
public sealed class SilentBeaconTests
{
    [Fact]
    public async Task Silence_fails_the_job_with_the_providers_words_and_is_one_incident_until_the_job_is_over()
    {
        // Ten minutes for the first word become one second; the retention is long enough to look at the incident.
        await using var stack = await WoprStack.StartAsync(environment: new Dictionary<string, string> { ["WOPR_DEADLINE_SCALE"] = "0.0017" });
        await stack.Sandbox.MisbehaveAsync(new { kind = "no_boot" });
        var job = await stack.OrderAsync("silent");
        var status = await stack.UntilAsync(job, "failed", "completed");
        status.GetProperty("error").GetProperty("code").GetString().ShouldBe("CALLBACK-003", status.ToString());

        var incident = (await stack.IncidentsAsync($"?job={job}")).ShouldHaveSingleItem();
        incident.GetProperty("cause").GetString().ShouldBe($"job:{job}");
        incident.GetProperty("code").GetString().ShouldBe("CALLBACK-003");
        incident.GetProperty("severity").GetString().ShouldBe("critical");
        var provider = incident.GetProperty("detail").GetProperty("provider");
        var server = (await stack.Sandbox.ServersAsync()).ShouldHaveSingleItem();
        provider.GetProperty("server").GetInt64().ShouldBe(server.GetProperty("id").GetInt64());
        provider.GetProperty("status").GetString().ShouldBe("running");
        provider.GetProperty("actions").EnumerateArray().Select(a => a.GetProperty("command").GetString()).ShouldContain("create_server");

        (await stack.Http.GetAsync("/api/operator/incidents")).StatusCode.ShouldBe(System.Net.HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_server_that_never_runs_fails_the_job_with_the_providers_word_for_it()
    {
        // A quarter of an hour becomes one and a half seconds.
        await using var stack = await WoprStack.StartAsync(environment: new Dictionary<string, string> { ["WOPR_DEADLINE_SCALE"] = "0.0017" });
        await stack.Sandbox.MisbehaveAsync(new { kind = "never_running" });
        var job = await stack.OrderAsync("stuck");
        var status = await stack.UntilAsync(job, "failed", "completed");
        status.GetProperty("error").GetProperty("code").GetString().ShouldBe("VPS-001", status.ToString());

        var dossier = await stack.OperatorAsync($"/api/operator/jobs/{job}");
        dossier.GetProperty("job").GetProperty("error_detail").GetString().ShouldNotBeNull().ShouldContain("never became 'running'");
    }
}
