using System.Text.Json;
using Wopr.Integration.Tests.Stack;

namespace Wopr.Integration.Tests;

/// <summary>Jobs share their calls to the zone, but not their troubles.</summary>
public sealed class DnsNeighboursTests
{
    private const int Orders = 12;

    [Fact]
    public async Task A_foreign_record_stops_its_own_job_and_no_other_and_stays_as_it_was()
    {
        await using var stack = await WoprStack.StartAsync(environment: new Dictionary<string, string> { ["WOPR_RETENTION_MINUTES"] = "0" });
        // One is there before anybody looks; another comes between somebody's look and write.
        await stack.Sandbox.MisbehaveAsync(
            new { kind = "clash", provider = "cloudflare", names = new[] { "*.n-3.beacons.localhost" }, type = "A", content = "192.0.2.66", times = 0 },
            new { kind = "clash", provider = "cloudflare", type = "CNAME", content = "elsewhere.example.com", times = 1 });

        var jobs = await Task.WhenAll(Enumerable.Range(0, Orders).Select(i => stack.OrderAsync($"n-{i}")));
        var ends = await Task.WhenAll(jobs.Select(job => stack.UntilAsync(job, "completed", "rolled_back")));

        var failed = ends.Where(end => end.GetProperty("state").GetString() == "rolled_back").ToList();
        failed.ShouldAllBe(end => end.GetProperty("error").GetProperty("code").GetString() == "CF-003");
        failed.Count.ShouldBe(2, "the one whose name was taken before and the one that somebody overtook");
        ends[3].GetProperty("state").GetString().ShouldBe("rolled_back");
        (await stack.Sandbox.ServersAsync()).Count.ShouldBe(Orders - 2);
        (await stack.Sandbox.OurRecordsAsync()).Count.ShouldBe(4 * (Orders - 2));
        (await stack.Sandbox.RecordsAsync()).Where(Foreign).Select(r => r.GetProperty("content").GetString()).ShouldBe(["192.0.2.66", "elsewhere.example.com"], ignoreOrder: true);
    }

    private static bool Foreign(JsonElement record) =>
        record.GetProperty("name").GetString() != "beacons.localhost" && record.GetProperty("comment").ValueKind != JsonValueKind.String;
}
