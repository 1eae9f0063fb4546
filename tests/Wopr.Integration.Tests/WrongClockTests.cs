using System.Net;
using Wopr.Integration.Tests.Stack;

namespace Wopr.Integration.Tests;

/// <summary>A node whose clock is wrong does its work as well as any other: what counts is the database's.</summary>
public sealed class WrongClockTests
{
    [Theory]
    [InlineData(3600)]
    [InlineData(-3600)]
    public async Task An_order_is_completed_on_a_node_whose_clock_is_an_hour_off(int seconds)
    {
        await using var stack = await WoprStack.StartAsync(environment: new Dictionary<string, string>
        {
            ["WOPR_CLOCK_OFFSET_SECONDS"] = $"{seconds}",
            ["WOPR_SANDBOX_PAYMENTS_URL"] = WoprStack.FreeAddress(),
        });
        // The webhook's age is looked at here too.
        using var opened = await stack.PostOrderAsync(new { bundle = "starter", tier = 1, beacon_name = "wrong-clock", email = "anna@example.com", payment = "hosted" });
        opened.StatusCode.ShouldBe(HttpStatusCode.Accepted, await opened.Content.ReadAsStringAsync());
        var order = await WoprStack.JsonOf(opened);
        using var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
        using var paid = await browser.PostAsync(new Uri(order.GetProperty("payment_url").GetString()!), new FormUrlEncodedContent([KeyValuePair.Create("what", "pay")]));
        var job = order.GetProperty("job_id").GetString()!;

        await stack.UntilAsync(async () => (await stack.Http.GetAsync($"/api/provision/{job}/status")).StatusCode != HttpStatusCode.NotFound, "there is a job");
        var status = await stack.UntilAsync(job, "completed", "failed");
        status.GetProperty("state").GetString().ShouldBe("completed", status.ToString());
        status.GetProperty("elapsed_seconds").GetInt32().ShouldBeInRange(0, 60);
        (DateTimeOffset.UtcNow - status.GetProperty("created_at").GetDateTimeOffset()).Duration().ShouldBeLessThan(TimeSpan.FromMinutes(2));
    }
}
