using Wopr.Browser.Tests.Site;

namespace Wopr.Browser.Tests;

/// <summary>Pictures of every page before anything happened, in mid-job, after a failure and at the end, on a phone and on a desk, in light and dark: for people to look at.</summary>
public sealed class Screenshots
{
    private const string Folder = "WOPR_SCREENSHOTS";
    private const string Done = "4-done";

    [BrowserFact(variable: Folder)]
    public async Task Every_page_in_four_states()
    {
        var site = new RunningSite();
        await site.InitializeAsync();
        try
        {
            await TakeAsync(site, "1-start", null);
            await site.Stack.Sandbox.MisbehaveAsync(new { provider = "hetzner", kind = "no_boot", times = 1 });
            var waiting = await site.Stack.OrderAsync("half-way");
            await site.Stack.UntilAsync(waiting, "deploying_wopr", "waiting_for_vps");
            await TakeAsync(site, "2-middle", waiting);
            await site.Stack.Sandbox.MisbehaveAsync(Failures.TokenRefused);
            var failed = await site.Stack.OrderAsync("unlucky");
            await site.Stack.UntilAsync(failed, "failed");
            await TakeAsync(site, "3-failed", failed);
            await site.Stack.Sandbox.BehaveAsync();
            var done = await site.Stack.OrderAsync("finished");
            await site.Stack.UntilAsync(done, "completed");
            await site.AgentOfAsync(done);
            await TakeAsync(site, Done, done);
        }
        finally
        {
            await site.DisposeAsync();
        }
    }

    private static async Task TakeAsync(RunningSite site, string state, string? job)
    {
        var pages = PageList.OfCustomers(job, await site.UnpaidAsync()).Concat(PageList.OfOperators(job, ready: state == Done)).ToList();
        foreach (var (device, width, height) in new[] { ("phone", 390, 844), ("desk", 1280, 900) })
        {
            foreach (var dark in new[] { false, true })
            {
                await using var visit = await site.VisitAsync(width, height, dark, signedIn: true);
                foreach (var (name, path) in pages)
                {
                    await visit.Page.GotoAsync(path);
                    var file = $"{name}-{state}-{device}{(dark ? "-dark" : "")}.png";
                    await visit.Page.ScreenshotAsync(new() { Path = Path.Combine(Environment.GetEnvironmentVariable(Folder)!, file), FullPage = true });
                }
            }
        }
    }
}
