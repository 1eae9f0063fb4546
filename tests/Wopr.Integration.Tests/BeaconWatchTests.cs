using Wopr.Integration.Tests.Stack;

namespace Wopr.Integration.Tests;

/// <summary>After a beacon was handed over WOPR goes on looking at it.</summary>
public sealed class BeaconWatchTests
{
    [Fact]
    public async Task A_beacon_that_stops_answering_is_an_incident_until_it_answers_again()
    {
        // The second look comes after one second instead of twenty.
        await using var stack = await WoprStack.StartAsync(environment: new Dictionary<string, string> { ["WOPR_DEADLINE_SCALE"] = "0.05" });
        var beacon = await stack.OrderAsync("watched");
        await stack.UntilAsync(beacon, "completed");
        var other = await stack.OrderAsync("steady");
        await stack.UntilAsync(other, "completed");
        var id = (await stack.Sandbox.ServersAsync()).Single(s => s.GetProperty("labels").GetProperty("wopr-job").GetString() == beacon).GetProperty("id").GetInt64();

        await stack.Sandbox.AtHetznerAsync(HttpMethod.Post, $"/servers/{id}/actions/poweroff");
        await stack.CheckBeaconsAsync();
        await stack.UntilAsync(async () => (await stack.IncidentsAsync()).Count > 0, "the silent beacon is an incident");
        var incident = (await stack.IncidentsAsync()).ShouldHaveSingleItem();
        incident.GetProperty("job_id").GetString().ShouldBe(beacon);
        incident.GetProperty("code").GetString().ShouldBe("VERIFY-001");

        await stack.Sandbox.AtHetznerAsync(HttpMethod.Post, $"/servers/{id}/actions/poweron");
        await stack.UntilAsync(async () =>
        {
            await stack.CheckBeaconsAsync();
            return (await stack.IncidentsAsync()).Count == 0;
        }, "the incident is closed");
        (await stack.AuditAsync()).Distinct().ShouldBe(["check-beacons done"]);
    }
}
