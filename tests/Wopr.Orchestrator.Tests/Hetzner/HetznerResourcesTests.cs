using System.Text.Json;
using Wopr.Hetzner;
using Wopr.Orchestrator.Tests.Http;
using Wopr.Provisioning.Ports;
using Wopr.Support;

namespace Wopr.Orchestrator.Tests.Hetzner;

public sealed class HetznerResourcesTests
{
    private static readonly Dictionary<string, string> None = [];
    private static readonly Dictionary<string, string> Ours = new() { ["managed-by"] = "wopr" };

    [Fact]
    public async Task Actions_are_asked_for_25_at_a_time_and_a_missing_one_is_an_error()
    {
        await using var bench = await ProviderBench.StartAsync();
        foreach (var chunk in Enumerable.Range(1, 60).Chunk(25))
        {
            var answers = chunk.Where(id => id != 30).Select(id => $$"""{"id":{{id}},"command":"c","status":"{{(id == 1 ? "paused" : "success")}}","progress":100}""");
            bench.On($"GET /v1/actions?{string.Join('&', chunk.Select(id => $"id={id}"))}", new Answer(200, $$"""{"actions":[{{string.Join(',', answers)}}]}"""));
        }

        var actions = (await bench.Cloud.GetActionsAsync([.. Enumerable.Range(1, 60).Select(i => (long)i), 7], CancellationToken.None)).Value();

        actions.Select(a => a.Id).ShouldBe(Enumerable.Range(1, 60).Select(i => (long)i));
        actions.Single(a => a.Status == ActionStatus.Error).ShouldBe(actions[29]);
        actions[29].ErrorCode.ShouldBe(HetznerCloud.ActionMissing);
        actions[0].Status.ShouldBe(ActionStatus.Running);
        bench.Server.Done();
    }

    [Fact]
    public async Task No_ids_cost_no_call()
    {
        await using var bench = await ProviderBench.StartAsync();
        (await bench.Cloud.GetActionsAsync([], CancellationToken.None)).Value().ShouldBeEmpty();
        bench.Server.Done();
    }

    [Fact]
    public async Task A_failed_action_names_its_reason()
    {
        await using var bench = await ProviderBench.StartAsync();
        bench.On("GET /v1/actions?id=9", new Answer(200, """{"actions":[{"id":9,"command":"create_server","status":"error","progress":100,"error":{"code":"action_failed","message":"Action failed"}}]}"""));
        var action = (await bench.Cloud.GetActionsAsync([9], CancellationToken.None)).Value().Single();
        (action.Status, action.ErrorCode, action.ErrorMessage).ShouldBe((ActionStatus.Error, "action_failed", "Action failed"));
    }

    [Fact]
    public async Task Keys_are_listed_created_and_deleted()
    {
        await using var bench = await ProviderBench.StartAsync();
        bench.On("GET /v1/ssh_keys?page=1&per_page=50", new Answer(200, """{"ssh_keys":[{"id":3,"name":"ops","fingerprint":"b7","public_key":"ssh-ed25519 AAAA"}]}"""))
            .On("POST /v1/ssh_keys", new Answer(201, """{"ssh_key":{"id":4,"name":"new","fingerprint":"c8","public_key":"ssh-ed25519 BBBB"}}"""))
            .On("POST /v1/ssh_keys", Answer.Refusal(409, "uniqueness_error"))
            .On("DELETE /v1/ssh_keys/4", Answer.Empty()).On("DELETE /v1/ssh_keys/4", Answer.Refusal(404, "not_found"));

        (await bench.Cloud.ListSshKeysAsync(CancellationToken.None)).Value().Single().Name.ShouldBe("ops");
        (await bench.Cloud.CreateSshKeyAsync("new", "ssh-ed25519 BBBB", Ours, CancellationToken.None)).Value().Id.ShouldBe(4);
        (await bench.Cloud.CreateSshKeyAsync("new", "ssh-ed25519 BBBB", Ours, CancellationToken.None)).Refusal().Retry.ShouldBe(Retry.LookFirst);
        (await bench.Cloud.DeleteSshKeyAsync(4, CancellationToken.None)).Value().ShouldBeTrue();
        (await bench.Cloud.DeleteSshKeyAsync(4, CancellationToken.None)).Value().ShouldBeFalse();
        bench.Server.Received[1].Body.ShouldBe("""{"name":"new","public_key":"ssh-ed25519 BBBB","labels":{"managed-by":"wopr"}}""");
        bench.Server.Done();
    }

    [Fact]
    public async Task A_firewall_is_applied_by_selector_and_its_actions_are_handed_back()
    {
        const string Wire = """{"id":8,"name":"wopr","labels":{},"rules":[{"direction":"in","protocol":"tcp","port":"443","source_ips":["0.0.0.0/0","::/0"],"description":null},{"direction":"out","protocol":"esp","destination_ips":["::/0"]}],"applied_to":[{"type":"server","server":{"id":1}},{"type":"label_selector","label_selector":{"selector":"managed-by==wopr"}}]}""";
        await using var bench = await ProviderBench.StartAsync();
        bench.On("POST /v1/firewalls", new Answer(201, $$"""{"firewall":{{Wire}},"actions":[{"id":1,"command":"set_firewall_rules","status":"success"},{"id":2,"command":"apply_firewall","status":"running"}]}"""))
            .On("GET /v1/firewalls?name=wopr", new Answer(200, $$"""{"firewalls":[{{Wire}}]}"""))
            .On("POST /v1/firewalls/8/actions/set_rules", Answer.Html(502))
            .On("POST /v1/firewalls/8/actions/set_rules", new Answer(201, """{"actions":[{"id":3,"command":"set_firewall_rules","status":"running"}]}"""))
            .On("DELETE /v1/firewalls/8", Answer.Refusal(422, "resource_in_use"));
        var rules = new[] { new FirewallRule("tcp", "443", ["0.0.0.0/0", "::/0"], "https"), new FirewallRule("icmp", null, ["::/0"], "ping") };

        var created = (await bench.Cloud.CreateFirewallAsync(new FirewallRequest("wopr", rules, "managed-by==wopr", Ours), CancellationToken.None)).Value();
        var found = (await bench.Cloud.FindFirewallAsync("wopr", CancellationToken.None)).Value()!;
        var actions = (await bench.Cloud.SetFirewallRulesAsync(8, rules, CancellationToken.None)).Value();

        created.Actions.Select(a => a.Id).ShouldBe([1, 2]);
        found.Selector.ShouldBe("managed-by==wopr");
        found.Rules.Select(r => (r.Protocol, r.Port)).ShouldBe([("tcp", "443")]);
        actions.Single().Id.ShouldBe(3);
        (await bench.Cloud.DeleteFirewallAsync(8, CancellationToken.None)).Refusal().Code.ShouldBe(ErrorCodes.ResourceLocked);
        using var sent = JsonDocument.Parse(bench.Server.Received[0].Body);
        JsonSerializer.Serialize(sent.RootElement.GetProperty("apply_to")).ShouldBe("""[{"type":"label_selector","label_selector":{"selector":"managed-by==wopr"}}]""");
        JsonSerializer.Serialize(sent.RootElement.GetProperty("rules")[1]).ShouldBe("""{"direction":"in","protocol":"icmp","source_ips":["::/0"],"description":"ping"}""");
        bench.Server.Done();
    }

    [Fact]
    public async Task Addresses_and_volumes_are_listed_and_deleted()
    {
        await using var bench = await ProviderBench.StartAsync();
        bench.On("GET /v1/primary_ips?page=1&per_page=50", new Answer(200, """{"primary_ips":[{"id":1,"ip":"192.0.2.7","assignee_id":null,"auto_delete":true,"labels":{}},{"id":2,"ip":"2001:db8::/64","assignee_id":42,"auto_delete":false}]}"""))
            .On("DELETE /v1/primary_ips/1", Answer.Empty())
            .On("DELETE /v1/primary_ips/2", Answer.Refusal(422, "must_be_unassigned"))
            .On("GET /v1/volumes?label_selector=managed-by==wopr&page=1&per_page=50", new Answer(200, """{"volumes":[{"id":5,"name":"v","size":10,"server":null,"location":{"name":"fsn1"},"labels":{"managed-by":"wopr"},"created":"2026-11-21T10:00:00Z"}]}"""))
            .On("DELETE /v1/volumes/5", Answer.Empty());

        (await bench.Cloud.ListPrimaryIpsAsync(CancellationToken.None)).Value().Select(p => (p.Address, p.AssignedTo, p.AutoDelete))
            .ShouldBe([("192.0.2.7", null, true), ("2001:db8::/64", 42, false)]);
        (await bench.Cloud.DeletePrimaryIpAsync(1, CancellationToken.None)).Value().ShouldBeTrue();
        (await bench.Cloud.DeletePrimaryIpAsync(2, CancellationToken.None)).Refusal().Retry.ShouldBe(Retry.Later);
        (await bench.Cloud.ListVolumesAsync(Ours, CancellationToken.None)).Value().Single().SizeGb.ShouldBe(10);
        (await bench.Cloud.DeleteVolumeAsync(5, CancellationToken.None)).Value().ShouldBeTrue();
        bench.Server.Done();
    }

    [Fact]
    public async Task Access_is_checked_with_one_call()
    {
        await using var bench = await ProviderBench.StartAsync();
        bench.On("GET /v1/locations?per_page=1", new Answer(200, """{"locations":[]}""")).On("GET /v1/locations?per_page=1", Answer.Refusal(401, "unauthorized"));
        (await bench.Cloud.CheckAccessAsync(CancellationToken.None)).Value().ShouldBeTrue();
        (await bench.Cloud.CheckAccessAsync(CancellationToken.None)).Refusal().Code.ShouldBe(ErrorCodes.HetznerTokenRefused);
    }

    [Fact]
    public async Task Paging_that_never_ends_is_noticed()
    {
        await using var bench = await ProviderBench.StartAsync();
        for (var page = 1; page <= 200; page++)
            bench.On($"GET /v1/firewalls?page={page}&per_page=50", new Answer(200, $$$"""{"firewalls":[],"meta":{"pagination":{"page":{{{page}}},"next_page":{{{page + 1}}} } } }"""));
        (await bench.Cloud.ListFirewallsAsync(None, CancellationToken.None)).Refusal().Code.ShouldBe(ErrorCodes.HetznerUnavailable);
        bench.Server.Done();
    }
}
