using System.Text.Json;
using Wopr.Integration.Tests.Stack;

namespace Wopr.Integration.Tests;

/// <summary>The main job with every part real: the rendered user-data is really run, by the script driver.</summary>
public sealed class MainJobTests
{
    [Fact]
    public async Task An_order_becomes_a_verified_beacon()
    {
        await using var stack = await WoprStack.StartAsync(boot: "script", pace: "0.1");
        var job = await stack.OrderAsync("alice");
        var status = await stack.UntilAsync(job, "completed", "failed");

        status.GetProperty("state").GetString().ShouldBe("completed", status.ToString());
        status.GetProperty("progress").GetInt32().ShouldBe(100);
        status.GetProperty("apps").GetArrayLength().ShouldBe(6);
        status.GetProperty("modules").EnumerateArray().ShouldAllBe(m => m.GetProperty("state").GetString() == "ready");

        var server = (await stack.Sandbox.ServersAsync()).ShouldHaveSingleItem();
        server.GetProperty("labels").GetProperty("wopr-job").GetString().ShouldBe(job);
        (await stack.Sandbox.OurRecordsAsync()).Count.ShouldBe(4);
        TimelineIsWhole(status);
        await NothingSecretIsShownAsync(stack, status);
        (await UntilMailAsync(stack, "received")).ShouldContain($"/setup/{job}");
        (await UntilMailAsync(stack, "welcome")).ShouldContain("alice.beacons.localhost");
        await BeaconAnswersAsync(stack, status);
    }

    [Fact]
    public async Task A_module_that_does_not_start_fails_the_job_with_its_name_and_is_taken_down_after_the_retention()
    {
        await using var stack = await WoprStack.StartAsync(boot: "script", pace: "0.1",
            environment: new Dictionary<string, string> { ["WOPR_SANDBOX_BREAK"] = "module:outline", ["WOPR_RETENTION_MINUTES"] = "0" });
        var job = await stack.OrderAsync("bob");
        var status = await stack.UntilAsync(job, "rolled_back", "completed");

        status.GetProperty("state").GetString().ShouldBe("rolled_back");
        var error = status.GetProperty("error");
        error.GetProperty("code").GetString().ShouldBe("MODULE-003");
        error.GetProperty("what_happened").GetString().ShouldNotBeNullOrWhiteSpace();
        status.GetProperty("timeline").EnumerateArray().ShouldContain(e => e.GetProperty("kind").GetString() == "error" && e.GetProperty("module").GetString() == "outline");
        (await stack.Sandbox.ServersAsync()).ShouldBeEmpty();
        (await stack.Sandbox.PrimaryIpsAsync()).ShouldBeEmpty();
        (await stack.Sandbox.OurRecordsAsync()).ShouldBeEmpty();
        (await UntilMailAsync(stack, "failed")).ShouldContain("MODULE-003");
        (await UntilMailAsync(stack, "removed")).ShouldContain("nothing of it");
    }

    private static void TimelineIsWhole(JsonElement status)
    {
        var timeline = status.GetProperty("timeline").EnumerateArray().ToList();
        timeline.Select(e => e.GetProperty("seq").GetInt32()).ShouldBe(Enumerable.Range(1, timeline.Count));
        timeline.Where(e => e.GetProperty("kind").GetString() == "state").Select(e => e.GetProperty("state").GetString()).ShouldBe(
        [
            "payment_received", "provisioning_vps", "configuring_dns", "waiting_for_vps", "deploying_wopr", "verifying",
            "generating_docs", "sending_welcome", "completed",
        ]);
        var progress = timeline.Select(e => e.GetProperty("progress")).Where(p => p.ValueKind == JsonValueKind.Number).Select(p => p.GetInt32()).ToList();
        progress.ShouldBe(progress.Order());
    }

    private static async Task NothingSecretIsShownAsync(WoprStack stack, JsonElement status)
    {
        var root = Directory.GetDirectories(stack.MachinesFolder).Where(machine => Directory.Exists(Path.Combine(machine, "root"))).ShouldHaveSingleItem();
        var bootstrap = JsonSerializer.Deserialize<JsonElement>(await File.ReadAllTextAsync(Path.Combine(root, "root/etc/wopr/bootstrap.json")));
        var token = bootstrap.GetProperty("callback_token").GetString()!;
        token.Length.ShouldBe(64);
        status.ToString().ShouldNotContain(token);
        status.ToString().ShouldNotContain("anna@example.com");
        stack.Service!.Output.ShouldNotContain(token);
        stack.Service.Output.ShouldNotContain("anna@example.com");
    }

    /// <summary>The one mail of this kind, once it is delivered.</summary>
    private static async Task<string> UntilMailAsync(WoprStack stack, string kind)
    {
        var folder = Path.Combine(stack.DataFolder, "mail");
        string[] found = [];
        await stack.UntilAsync(() => Task.FromResult((found = Directory.Exists(folder) ? Directory.GetFiles(folder, $"*-{kind}-*.eml") : []).Length > 0), $"a mail of the kind {kind}");
        var mail = await File.ReadAllTextAsync(found.ShouldHaveSingleItem($"mails of the kind {kind}"));
        mail.ShouldContain("anna@example.com");
        return mail;
    }

    private static async Task BeaconAnswersAsync(WoprStack stack, JsonElement status)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, stack.Gate);
        request.Headers.Host = new Uri(status.GetProperty("beacon").GetProperty("url").GetString()!).Authority;
        using var response = await client.SendAsync(request);
        response.IsSuccessStatusCode.ShouldBeTrue();
    }
}
