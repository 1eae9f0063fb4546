using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Dapper;
using Npgsql;
using Wopr.Integration.Tests.Stack;
using Wopr.Tests.Support;

namespace Wopr.Integration.Tests.Troubles;

/// <summary>What cannot be had: what is taken instead, who is told and when, and when the shop stops offering it.</summary>
public sealed class CapacityTests
{
    private static readonly string[] Europe = ["fsn1", "nbg1", "hel1"];

    [Fact]
    public async Task A_substitute_is_told_to_its_customer_and_to_the_next_one_before_the_order()
    {
        await using var stack = await WoprStack.StartAsync();
        await stack.Sandbox.MisbehaveAsync(new { kind = "out_of_stock", location = "fsn1" });

        var first = await OrderAsync(stack, "first", "fsn1");
        first.GetProperty("substitution").ValueKind.ShouldBe(JsonValueKind.Null, "nothing was known yet");
        var status = await stack.UntilAsync(first.GetProperty("job_id").GetString()!, "completed", "failed");
        var told = status.GetProperty("substitution").GetProperty("message").GetString()!;
        told.ShouldContain("instead of fsn1, in the same region");
        status.GetProperty("timeline").EnumerateArray().ShouldContain(e => e.GetProperty("kind").GetString() == "substitution" && e.GetProperty("message").GetString() == told);
        var server = (await stack.Sandbox.ServersAsync()).ShouldHaveSingleItem();
        Europe.ShouldContain(server.GetProperty("location").GetProperty("name").GetString());
        (await Eventually.SomeAsync(() => MailsWithAsync(stack, "instead of fsn1"))).ShouldNotBeEmpty("no mail says so");

        // Only one type in fsn1 is known to be sold out: that is enough to place the next one elsewhere, and to say so first.
        var next = await OrderAsync(stack, "next", "fsn1");
        next.GetProperty("substitution").GetString().ShouldBe(told);
        var asked = await stack.Http.GetFromJsonAsync<JsonElement>("/api/checkout/availability?bundle=starter&tier=1&location=fsn1");
        (asked.GetProperty("available").GetBoolean(), asked.GetProperty("substitution").GetString()).ShouldBe((true, told));
    }

    [Fact]
    public async Task What_is_wholly_sold_out_is_not_offered_until_it_is_forgotten_or_sold_again()
    {
        await using var stack = await WoprStack.StartAsync(environment: new Dictionary<string, string> { ["WOPR_RETENTION_MINUTES"] = "0" });
        await stack.Sandbox.MisbehaveAsync(new { kind = "out_of_stock" });
        var unlucky = await OrderAsync(stack, "unlucky", "fsn1");
        var status = await stack.UntilAsync(unlucky.GetProperty("job_id").GetString()!, "completed", "rolled_back");
        status.GetProperty("error").GetProperty("code").GetString().ShouldBe("HETZ-005");

        using (var refused = await stack.PostOrderAsync(Orders.Starter("late", location: "fsn1")))
        {
            refused.StatusCode.ShouldBe(HttpStatusCode.Conflict);
            (await WoprStack.JsonOf(refused)).GetProperty("code").GetString().ShouldBe("HETZ-005");
        }
        (await stack.Http.GetFromJsonAsync<JsonElement>("/api/checkout/names/late")).GetProperty("free").GetBoolean().ShouldBeTrue("nothing was ordered");
        var fsn1 = await LocationAsync(stack, "fsn1");
        fsn1.GetProperty("sold_out_tiers").EnumerateArray().Select(t => t.GetInt32()).ShouldContain(2, "nothing that is sold in this size fits a smaller server");
        (await stack.Http.GetStringAsync("/")).ShouldContain("200 GB sold out");
        var asked = await stack.Http.GetFromJsonAsync<JsonElement>("/api/checkout/availability?bundle=starter&tier=1&location=fsn1");
        (asked.GetProperty("available").GetBoolean(), asked.GetProperty("code").GetString()).ShouldBe((false, "HETZ-005"));

        // The mark expires by the database's clock; what is sold then is no longer marked.
        await stack.Sandbox.BehaveAsync();
        await ExecuteAsync(stack, "UPDATE stock_marks SET until = now()");
        await Patience.UntilAsync(
            async () => (await stack.Http.GetFromJsonAsync<JsonElement>("/api/checkout/availability?bundle=starter&tier=1&location=fsn1")).GetProperty("available").GetBoolean(),
            () => "the node still goes by what it read before");
        var lucky = await OrderAsync(stack, "lucky", "fsn1");
        await stack.UntilAsync(lucky.GetProperty("job_id").GetString()!, "completed");
        (await LocationAsync(stack, "fsn1")).GetProperty("sold_out_tiers").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task What_the_region_does_not_sell_at_all_is_HETZ_001_with_what_is_on_sale()
    {
        await using var stack = await WoprStack.StartAsync(environment: new Dictionary<string, string> { ["WOPR_RETENTION_MINUTES"] = "60" });
        // Once the catalogue is remembered, these types go.
        (await Eventually.SomeAsync<JsonElement>(async () => (await stack.Http.GetFromJsonAsync<JsonElement>("/api/checkout/bundles")).GetProperty("locations").EnumerateArray())).ShouldNotBeEmpty();
        await stack.Sandbox.MisbehaveAsync([.. new[] { "cx23", "cx33", "cx43", "cx53", "cpx22", "cpx32", "cpx42", "cpx52", "cpx62" }.Select(t => new { kind = "type_deprecated", server_type = t })]);
        var job = (await OrderAsync(stack, "gone", "fsn1")).GetProperty("job_id").GetString()!;
        var status = await stack.UntilAsync(job, "completed", "failed");
        status.GetProperty("error").GetProperty("code").GetString().ShouldBe("HETZ-001");
        var detail = await DetailAsync(stack, job);
        detail.ShouldContain("in fsn1 (HETZ-001)");
        detail.ShouldContain("on sale now: ccx");
    }

    [Fact]
    public async Task A_limit_on_the_account_says_which()
    {
        await using var stack = await WoprStack.StartAsync(environment: new Dictionary<string, string> { ["WOPR_LIMIT_WAIT_SECONDS"] = "1" });
        await stack.Sandbox.MisbehaveAsync(new { kind = "limit", name = "primary_ip_limit", limit = 0 });
        var job = (await OrderAsync(stack, "full", null)).GetProperty("job_id").GetString()!;
        var status = await stack.UntilAsync(job, "completed", "failed");
        status.GetProperty("error").GetProperty("code").GetString().ShouldBe("HETZ-006");
        (await DetailAsync(stack, job)).ShouldContain("resource_limit_exceeded");
        (await LocationAsync(stack, "fsn1")).GetProperty("sold_out_tiers").GetArrayLength().ShouldBe(0, "the shelf is not empty");
    }

    private static async Task<JsonElement> OrderAsync(WoprStack stack, string name, string? location)
    {
        using var response = await stack.PostOrderAsync(Orders.Starter(name, location: location));
        response.StatusCode.ShouldBe(HttpStatusCode.Accepted, await response.Content.ReadAsStringAsync());
        return await WoprStack.JsonOf(response);
    }

    private static async Task<JsonElement> LocationAsync(WoprStack stack, string id) =>
        (await stack.Http.GetFromJsonAsync<JsonElement>("/api/checkout/bundles")).GetProperty("locations").EnumerateArray().Single(l => l.GetProperty("id").GetString() == id);

    private static async Task<string> DetailAsync(WoprStack stack, string job)
    {
        await using var connection = new NpgsqlConnection(stack.ConnectionString);
        return await connection.ExecuteScalarAsync<string>("SELECT error_detail FROM jobs WHERE id = @id", new { id = Guid.Parse(job) }) ?? "";
    }

    private static async Task ExecuteAsync(WoprStack stack, string sql)
    {
        await using var connection = new NpgsqlConnection(stack.ConnectionString);
        await connection.ExecuteAsync(sql);
    }

    private static async Task<IEnumerable<string>> MailsWithAsync(WoprStack stack, string words)
    {
        var folder = Path.Combine(stack.DataFolder, "mail");
        if (!Directory.Exists(folder)) return [];
        var mails = await Task.WhenAll(Directory.GetFiles(folder, "*.eml").Select(f => File.ReadAllTextAsync(f)));
        return mails.Where(m => m.Contains(words, StringComparison.Ordinal));
    }
}
