using System.Text.Json;
using Dapper;
using Npgsql;
using Wopr.Integration.Tests.Stack;

namespace Wopr.Integration.Tests;

/// <summary>What is left at the providers is found, priced, told and removed; what lives or is foreign is never touched.</summary>
public sealed class SweepTests
{
    [Fact]
    public async Task Orphans_are_removed_after_their_grace_and_nothing_else_is()
    {
        await using var stack = await WoprStack.StartAsync(environment: new Dictionary<string, string> { ["WOPR_SWEEP"] = "remove", ["WOPR_SWEEP_GRACE_MINUTES"] = "0" });
        var beacon = await stack.OrderAsync("living");
        await stack.UntilAsync(beacon, "completed");
        var stranger = Guid.NewGuid();
        var orphan = await CreateServerAsync(stack, "left.beacons.localhost", ("managed-by", "wopr"), ("wopr-job", $"{stranger}"));
        var foreign = await CreateServerAsync(stack, "foreign.example", ("team", "other"));
        var ours = new Dictionary<string, string>(StringComparer.Ordinal) { ["managed-by"] = "wopr", ["wopr-job"] = $"{stranger}" };
        await stack.Sandbox.AtHetznerAsync(HttpMethod.Post, "/primary_ips", new { name = "left-address", type = "ipv4", location = "fsn1", labels = ours });
        await stack.Sandbox.AtHetznerAsync(HttpMethod.Post, "/primary_ips", new { name = "kept-address", type = "ipv4", location = "fsn1" });
        await stack.Sandbox.AtHetznerAsync(HttpMethod.Post, "/volumes", new { name = "left-volume", size = 10, location = "fsn1", labels = ours });
        await stack.Sandbox.AtHetznerAsync(HttpMethod.Post, "/volumes", new { name = "kept-volume", size = 10, location = "fsn1" });
        await RecordAsync(stack, "left.beacons.localhost", $"wopr job={stranger}");
        await RecordAsync(stack, "foreign.beacons.localhost", "kept by hand");

        await stack.SweepAsync();
        await stack.UntilAsync(async () => (await stack.OrphansAsync("?state=all")) is { Count: 4 } all && all.All(o => o.GetProperty("gone_at").ValueKind == JsonValueKind.String), "all orphans are gone");

        var found = (await stack.OrphansAsync("?state=all")).ToDictionary(o => o.GetProperty("kind").GetString()!);
        found["server"].GetProperty("id").GetString().ShouldBe($"{orphan}");
        found["server"].GetProperty("job_id").GetGuid().ShouldBe(stranger);
        found["server"].GetProperty("monthly_cents").GetInt32().ShouldBeGreaterThan(0);
        found["server"].GetProperty("removed_at").ValueKind.ShouldBe(JsonValueKind.String);
        found["dns_record"].GetProperty("name").GetString().ShouldBe("A left.beacons.localhost");
        found["primary_ip"].GetProperty("monthly_cents").GetInt32().ShouldBeGreaterThan(0);
        found["volume"].GetProperty("name").GetString().ShouldBe("left-volume");
        var names = (await stack.Sandbox.BooksAsync()).GetProperty("hetzner").ToString();
        names.ShouldNotContain("left-");
        names.ShouldContain("kept-address");
        names.ShouldContain("kept-volume");
        (await stack.Sandbox.FirewallsAsync()).ShouldHaveSingleItem("what all beacons share is no orphan");

        var servers = (await stack.Sandbox.ServersAsync()).Select(s => s.GetProperty("id").GetInt64()).ToList();
        servers.ShouldNotContain(orphan);
        servers.ShouldContain(foreign);
        servers.Count.ShouldBe(2);
        (await stack.Sandbox.RecordsAsync()).ShouldContain(r => r.GetProperty("name").GetString() == "foreign.beacons.localhost");
        (await stack.Sandbox.OurRecordsAsync()).Count.ShouldBe(4);
        await stack.UntilAsync(async () => (await stack.IncidentsAsync()).Count == 0, "the incidents are closed");
        (await stack.IncidentsAsync("?state=closed")).Select(i => i.GetProperty("code").GetString()).ShouldBe(["HETZ-014", "HETZ-014", "HETZ-014", "CF-009"], ignoreOrder: true);
    }

    [Fact]
    public async Task Left_to_report_nothing_is_removed_and_a_lost_server_is_told()
    {
        await using var stack = await WoprStack.StartAsync();
        var beacon = await stack.OrderAsync("robbed");
        await stack.UntilAsync(beacon, "completed");
        var orphan = await CreateServerAsync(stack, "left.beacons.localhost", ("managed-by", "wopr"), ("wopr-job", $"{Guid.NewGuid()}"));
        var own = (await stack.Sandbox.ServersAsync()).Single(s => s.GetProperty("labels").TryGetProperty("wopr-job", out var job) && job.GetString() == beacon).GetProperty("id").GetInt64();
        await stack.Sandbox.AtHetznerAsync(HttpMethod.Delete, $"/servers/{own}");
        await stack.UntilAsync(async () => (await stack.Sandbox.ServersAsync()).All(s => s.GetProperty("id").GetInt64() != own), "the beacon's server is gone");

        await stack.SweepAsync();
        (await stack.AuditAsync()).ShouldBe(["sweep done"]);
        await stack.UntilAsync(async () => (await stack.OrphansAsync()).Count == 2, "both are listed");
        var list = await stack.OperatorAsync("/api/operator/orphans");
        list.GetProperty("mode").GetString().ShouldBe("report");
        list.GetProperty("monthly_cents").GetInt32().ShouldBeGreaterThan(0);
        var lost = (await stack.OrphansAsync()).Single(o => o.GetProperty("kind").GetString() == "lost_server");
        lost.GetProperty("job_id").GetString().ShouldBe(beacon);
        lost.GetProperty("monthly_cents").GetInt32().ShouldBeGreaterThan(0);
        await stack.UntilAsync(async () => (await stack.IncidentsAsync()).Count == 2, "both are incidents");
        (await stack.IncidentsAsync($"?job={beacon}")).ShouldHaveSingleItem().GetProperty("code").GetString().ShouldBe("HETZ-011");

        await stack.SweepAsync();
        await stack.UntilAsync(async () => (await stack.IncidentsAsync()).All(i => i.GetProperty("count").GetInt32() > 1), "the next look counts them");
        (await stack.Sandbox.ServersAsync()).ShouldContain(s => s.GetProperty("id").GetInt64() == orphan);
    }

    [Fact]
    public async Task A_changed_firewall_is_set_right_and_told()
    {
        await using var stack = await WoprStack.StartAsync(environment: new Dictionary<string, string> { ["WOPR_SSH_NETWORKS"] = "192.0.2.0/24" });
        await stack.UntilAsync(await stack.OrderAsync("guarded"), "completed");
        await AgeAsync(stack);
        var before = await FirewallAsync(stack);
        var id = before.GetProperty("id").GetInt64();
        before.GetProperty("rules").GetArrayLength().ShouldBe(4);
        var server = (await stack.Sandbox.ServersAsync()).ShouldHaveSingleItem();

        string[] everywhere = ["0.0.0.0/0", "::/0"];
        await stack.Sandbox.AtHetznerAsync(HttpMethod.Post, $"/firewalls/{id}/actions/set_rules", new { rules = new[] { new { direction = "in", protocol = "tcp", port = "22", source_ips = everywhere } } });
        await RepairedAsync(stack, 1, "its rules are tcp 22 from 0.0.0.0/0 ::/0");
        (await FirewallAsync(stack)).GetProperty("rules").ToString().ShouldBe(before.GetProperty("rules").ToString());

        object[] target = [new { type = "label_selector", label_selector = new { selector = "managed-by=wopr" } }];
        await stack.Sandbox.AtHetznerAsync(HttpMethod.Post, $"/firewalls/{id}/actions/remove_from_resources", new { remove_from = target });
        await RepairedAsync(stack, 2, "it is not applied to managed-by=wopr");
        (await FirewallAsync(stack)).GetProperty("targets").ToString().ShouldBe(before.GetProperty("targets").ToString());

        await stack.Sandbox.AtHetznerAsync(HttpMethod.Put, $"/servers/{server.GetProperty("id").GetInt64()}", new { labels = new { mine = "kept" } });
        await RepairedAsync(stack, 3, "has lost its labels");
        var labels = (await stack.Sandbox.ServersAsync()).ShouldHaveSingleItem().GetProperty("labels");
        labels.GetProperty("mine").GetString().ShouldBe("kept");
        labels.GetProperty("wopr-job").GetString().ShouldBe(server.GetProperty("labels").GetProperty("wopr-job").GetString());
        (await FirewallAsync(stack)).GetProperty("targets").ToString().ShouldBe(before.GetProperty("targets").ToString());
    }

    /// <summary>A label may take two minutes to have its effect before its lack counts as drift: long ago for this server.</summary>
    private static async Task AgeAsync(WoprStack stack)
    {
        await using var connection = new NpgsqlConnection(stack.ConnectionString);
        await connection.ExecuteAsync("UPDATE resources SET identified_at = now() - interval '1 hour'");
    }

    private static async Task RepairedAsync(WoprStack stack, int times, string what)
    {
        await stack.SweepAsync();
        await stack.UntilAsync(async () => (await stack.IncidentsAsync("?state=closed&code=HETZ-015")).Count == times, $"repair {times} is done");
        (await stack.IncidentsAsync("?state=closed&code=HETZ-015"))[0].GetProperty("summary").GetString()!.ShouldContain(what);
    }

    private static async Task<JsonElement> FirewallAsync(WoprStack stack) =>
        (await stack.Sandbox.FirewallsAsync()).Single(f => f.GetProperty("name").GetString() == "wopr-beacons");

    private static async Task<long> CreateServerAsync(WoprStack stack, string name, params (string Name, string Value)[] labels)
    {
        var created = await stack.Sandbox.AtHetznerAsync(HttpMethod.Post, "/servers", new
        {
            name,
            server_type = "cx23",
            location = "fsn1",
            image = "debian-13",
            labels = labels.ToDictionary(l => l.Name, l => l.Value),
        });
        return created.GetProperty("server").GetProperty("id").GetInt64();
    }

    private static Task<JsonElement> RecordAsync(WoprStack stack, string name, string comment) =>
        stack.Sandbox.InTheZoneAsync(HttpMethod.Post, "/dns_records", new { type = "A", name, content = "192.0.2.77", ttl = 60, comment });
}
