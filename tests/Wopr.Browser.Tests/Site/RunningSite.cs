using Microsoft.Playwright;
using Wopr.Integration.Tests.Stack;
using Wopr.Tests.Support;

namespace Wopr.Browser.Tests.Site;

/// <summary>A whole WOPR with emulated clouds, and one Chromium that visits it. Both end with the tests.</summary>
public sealed class RunningSite : IAsyncLifetime
{
    private IPlaywright? playwright;
    private IBrowser? browser;
    private string? session;

    public WoprStack Stack { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        // Without a browser every test is skipped, and nothing need run.
        if (Tool.Find(BrowserFactAttribute.Chromium) is not { } chromium) return;
        Stack = await WoprStack.StartAsync(environment: new Dictionary<string, string> { ["WOPR_SANDBOX_PAYMENTS_URL"] = WoprStack.FreeAddress() });
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = chromium,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
        });
    }

    public async Task DisposeAsync()
    {
        if (browser is not null) await browser.DisposeAsync();
        playwright?.Dispose();
        if (Stack is not null) await Stack.DisposeAsync();
    }

    /// <summary>A visitor with a browser of their own: no cookie, nothing kept.</summary>
    /// <param name="forAxe">Lets a script be put into the page that its content policy refuses.</param>
    /// <param name="signedIn">With the session of an admin who signed in before.</param>
    public async Task<Visit> VisitAsync(int width = 1280, int height = 900, bool dark = false, bool forAxe = false, bool signedIn = false)
    {
        if (signedIn) session ??= await SignInAsync();
        var context = await browser!.NewContextAsync(new()
        {
            BaseURL = Stack.Http.BaseAddress!.ToString(),
            ViewportSize = new() { Width = width, Height = height },
            ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
            ReducedMotion = ReducedMotion.Reduce,
            BypassCSP = forAxe,
            Locale = "en-GB",
            StorageState = signedIn ? session : null,
        });
        context.SetDefaultTimeout(30_000);
        return new Visit(context, await context.NewPageAsync());
    }

    /// <summary>The agent of a finished beacon, which the fast way of booting leaves out; it has been heard of once.</summary>
    public async Task<BeaconAgent> AgentOfAsync(string job)
    {
        var agent = await BeaconAgent.RegisterAsync(Stack, job);
        await agent.BeatAsync();
        return agent;
    }

    /// <summary>The number of an order that nobody has paid for.</summary>
    public async Task<string> UnpaidAsync()
    {
        using var response = await Stack.PostOrderAsync(new { bundle = "starter", tier = 1, beacon_name = $"unpaid-{Guid.NewGuid():N}"[..20], email = "anna@example.com", payment = "hosted" });
        return (await WoprStack.JsonOf(response)).GetProperty("job_id").GetString()!;
    }

    private async Task<string> SignInAsync()
    {
        await using var visit = await VisitAsync();
        await visit.SignInAsync();
        return await visit.Page.Context.StorageStateAsync();
    }
}

[CollectionDefinition(Name)]
public sealed class SiteCollection : ICollectionFixture<RunningSite>
{
    public const string Name = "site";
}
