using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Wopr.Tests.Support;

namespace Wopr.Orchestrator.Tests.Web;

/// <summary>The pages' scripts in a real browser, whose clock runs ahead so that nothing is waited for.</summary>
public sealed class BrowserTests
{
    [ToolFact("chromium")]
    public async Task The_setup_page_follows_the_stream_to_the_end()
    {
        // Each connection tells of one event more, as a stream does that is resumed.
        var connections = 0;
        await using var host = await WebHost.StartAsync(more: app => app.MapGet("/api/provision/{id}/stream", (HttpResponse response) =>
        {
            var seq = Interlocked.Increment(ref connections);
            response.ContentType = "text/event-stream";
            return response.WriteAsync($"retry: 500\n\nid: {seq}\nevent: state\ndata: {{\"seq\":{seq}}}\n\n");
        }));
        host.Jobs.Life = [FakeJobs.On("waiting_for_vps"), FakeJobs.On("deploying_wopr", ready: 2), FakeJobs.On("deploying_wopr", ready: 8), FakeJobs.On("completed")];

        var page = Open(host, $"/setup/{host.Jobs.Life[0].Id}");

        ShouldShowTheEnd(page);
        connections.ShouldBeGreaterThan(0);
    }

    [ToolFact("chromium")]
    public async Task The_setup_page_asks_from_time_to_time_when_there_is_no_stream()
    {
        await using var host = await WebHost.StartAsync();
        host.Jobs.Life = [FakeJobs.On("waiting_for_vps"), FakeJobs.On("deploying_wopr", ready: 2), FakeJobs.On("completed")];

        ShouldShowTheEnd(Open(host, $"/setup/{host.Jobs.Life[0].Id}"));
    }

    [ToolFact("chromium")]
    public async Task The_shop_fills_in_prices_when_there_is_a_choice()
    {
        await using var host = await WebHost.StartAsync();
        host.Shop.Bundles = [.. host.Shop.Bundles.Select(b => b with { Ready = true })];

        var page = Open(host, "/?bundle=enterprise");

        page.ShouldContain("data-tier-price=\"1\">$249.99 a month<");
        page.ShouldContain("data-tier-price=\"3\">on request<");
        page.ShouldContain("<strong>$249.99</strong> a month for Enterprise");
    }

    private static void ShouldShowTheEnd(string page)
    {
        page.ShouldContain("Your beacon is ready</h1>");
        page.ShouldContain("<title>beacon-1: Your beacon is ready");
        page.ShouldContain("data-over=\"true\"");
        page.ShouldContain("value=\"100\"");
        page.ShouldContain("id=\"announcement\">Your beacon is ready</p>");
        page.ShouldContain("href=\"https://vault.beacon-1.beacons.example/\"");
    }

    /// <summary>The document as it is after a minute of the browser's own time.</summary>
    private static string Open(WebHost host, string path)
    {
        var profile = Directory.CreateTempSubdirectory("wopr-browser-").FullName;
        try
        {
            var run = ToolRun.Of("chromium",
            [
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update",
                "--no-first-run", $"--user-data-dir={profile}", "--virtual-time-budget=60000", "--dump-dom", new Uri(host.Client.BaseAddress!, path).ToString(),
            ]);
            run.ShouldSucceed();
            return run.Output;
        }
        finally
        {
            Directory.Delete(profile, recursive: true);
        }
    }
}
