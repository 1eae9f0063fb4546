using System.Net;
using System.Net.Http.Headers;
using Wopr.Integration.Tests.Stack;

namespace Wopr.Integration.Tests;

public sealed class CachePurgeTests
{
    [Fact]
    public async Task An_operator_purges_a_jobs_own_names_and_nobody_else_does()
    {
        await using var stack = await WoprStack.StartAsync();
        var job = await stack.OrderAsync("carol");
        await stack.UntilAsync(job, "completed");

        (await PurgeAsync(stack, job, key: null)).Status.ShouldBe(HttpStatusCode.Unauthorized);
        (await PurgeAsync(stack, Guid.NewGuid().ToString(), WoprStack.OperatorKey)).Status.ShouldBe(HttpStatusCode.NotFound);
        (await PurgesAsync(stack)).ShouldBe(0);

        var (status, body) = await PurgeAsync(stack, job, WoprStack.OperatorKey);
        status.ShouldBe(HttpStatusCode.OK, body);
        body.ShouldContain("\"carol.beacons.localhost\"");
        body.Split('"').Where(word => word.Contains('.', StringComparison.Ordinal)).ShouldAllBe(host => host == "carol.beacons.localhost" || host.EndsWith(".carol.beacons.localhost", StringComparison.Ordinal));
        (await PurgesAsync(stack)).ShouldBe(1);

        await stack.Sandbox.MisbehaveAsync(new { provider = "cloudflare", kind = "status", status = 403, code = "10000" });
        (status, body) = await PurgeAsync(stack, job, WoprStack.OperatorKey);
        status.ShouldBe(HttpStatusCode.BadGateway);
        body.ShouldContain("CF-004");

        var audit = (await stack.OperatorAsync($"/api/operator/audit?job={job}")).GetProperty("entries").EnumerateArray();
        audit.Select(e => $"{e.GetProperty("action").GetString()} {e.GetProperty("outcome").GetString()}").ShouldBe(["purge-cache refused", "purge-cache begun", "purge-cache done", "purge-cache begun"]);
    }

    private static async Task<long> PurgesAsync(WoprStack stack) =>
        (await stack.Sandbox.CallsAsync()).Where(c => c.Path.EndsWith("/purge_cache", StringComparison.Ordinal)).Sum(c => c.Count);

    private static async Task<(HttpStatusCode Status, string Body)> PurgeAsync(WoprStack stack, string job, string? key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/operator/jobs/{job}/purge-cache");
        if (key is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using var response = await stack.Http.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
