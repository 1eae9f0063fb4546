using System.Text.Json;
using Wopr.Integration.Tests.Stack;

namespace Wopr.Integration.Tests;

/// <summary>
/// Many orders at once while a provider misbehaves in one way: every job ends, ready or with the right code and nothing
/// left; never two servers for one order, never a foreign thing touched.
/// </summary>
public sealed class ProviderTroubleTests
{
    private const int Orders = 12;

    public static TheoryData<string, string, string?> Troubles => new()
    {
        { "slow", """{"kind":"latency","ms":150,"probability":0.5,"seed":1}""", null },
        { "busy", """{"kind":"status","status":503,"probability":0.2,"seed":2}""", null },
        { "html", """{"kind":"status","status":502,"body":"html","probability":0.2,"seed":3}""", null },
        { "lost-create", """{"provider":"hetzner","method":"POST","path":"/servers","kind":"lost","times":6}""", null },
        { "lost-batch", """{"provider":"cloudflare","method":"POST","kind":"lost","times":4}""", null },
        { "reset", """{"kind":"reset","probability":0.1,"seed":4}""", null },
        { "failed-action", """{"provider":"hetzner","kind":"action_fails","command":"create_server","times":3}""", null },
        { "one-place-sold-out", """{"provider":"hetzner","kind":"out_of_stock","location":"fsn1"}""", null },
        { "too-many-calls", """{"kind":"status","status":429,"times":6}""", null },
        { "account-full", """{"provider":"hetzner","kind":"limit","limit":0}""", "HETZ-006" },
        { "all-sold-out", """{"provider":"hetzner","kind":"out_of_stock"}""", "HETZ-005" },
    };

    [Theory]
    [MemberData(nameof(Troubles))]
    public async Task Every_job_ends_and_nothing_is_doubled_or_left(string name, string rule, string? code)
    {
        await using var stack = await WoprStack.StartAsync(environment: new Dictionary<string, string> { ["WOPR_RETENTION_MINUTES"] = "0", ["WOPR_LIMIT_WAIT_SECONDS"] = "2" });
        await stack.Sandbox.MisbehaveAsync(JsonSerializer.Deserialize<JsonElement>(rule));
        var jobs = await Task.WhenAll(Enumerable.Range(0, Orders).Select(i => stack.OrderAsync($"{name}-{i}")));
        var ends = await Task.WhenAll(jobs.Select(job => stack.UntilAsync(job, "completed", "rolled_back")));
        await stack.Sandbox.BehaveAsync();

        var servers = (await stack.Sandbox.ServersAsync()).Select(s => s.GetProperty("labels").GetProperty("wopr-job").GetString()).ToList();
        servers.ShouldBeUnique();
        if (code is null)
        {
            ends.ShouldAllBe(end => end.GetProperty("state").GetString() == "completed");
            servers.ShouldBe(jobs, ignoreOrder: true);
            (await stack.Sandbox.OurRecordsAsync()).Count.ShouldBe(4 * Orders);
        }
        else
        {
            ends.ShouldAllBe(end => end.GetProperty("error").GetProperty("code").GetString() == code);
            servers.ShouldBeEmpty();
            (await stack.Sandbox.OurRecordsAsync()).ShouldBeEmpty();
        }
        (await stack.Sandbox.RecordsAsync()).ShouldContain(r => r.GetProperty("type").GetString() == "HTTPS", "a foreign record was touched");
    }
}
