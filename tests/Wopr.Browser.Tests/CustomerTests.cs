using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Wopr.Browser.Tests.Site;
using static Microsoft.Playwright.Assertions;

namespace Wopr.Browser.Tests;

/// <summary>What customers do, in a real browser: order, watch, come back, and read what went wrong.</summary>
[Collection(SiteCollection.Name)]
public sealed partial class CustomerTests(RunningSite site)
{
    [BrowserFact]
    public async Task An_order_becomes_a_beacon_while_its_page_is_watched()
    {
        await using var visit = await site.VisitAsync();

        await visit.OrderAsync("watched");

        await visit.HeadlineAsync("Your beacon is ready");
        await Expect(visit.Page.Locator("#setup")).ToHaveAttributeAsync("data-over", "true");
        await Expect(visit.Page.GetByRole(AriaRole.Link, new() { Name = "Open your beacon" })).ToHaveAttributeAsync("href", Address());
        (await visit.Page.Locator(".links .card").CountAsync()).ShouldBeGreaterThan(3);
        // The picture for the phone is there and could be read.
        await Expect(visit.Page.Locator(".qr img")).ToHaveJSPropertyAsync("complete", true);
        (await visit.Page.Locator(".qr img").EvaluateAsync<int>("picture => picture.naturalWidth")).ShouldBeGreaterThan(0);
        visit.ShouldBeClean();
    }

    [BrowserFact]
    public async Task The_link_of_the_first_account_is_opened_in_the_browser_that_asked_for_it()
    {
        var job = await site.Stack.OrderAsync("first-time");
        await site.Stack.UntilAsync(job, "completed");
        var beacon = await site.AgentOfAsync(job);
        await using var visit = await site.VisitAsync();
        await visit.Page.GotoAsync($"/setup/{job}");

        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Make my sign-in link" }).ClickAsync();
        await Expect(visit.Page.Locator("#sign-in-told")).ToContainTextAsync("within five minutes");
        await beacon.HandOverAsync("/recovery/use-token/once-only-and-soon/");

        // A page that is reloaded meanwhile has lost nothing.
        await visit.Page.ReloadAsync();
        await Expect(visit.Page.GetByRole(AriaRole.Link, new() { Name = "Sign in and choose a password" }))
            .ToHaveAttributeAsync("href", AuthAddress());
        await using var stranger = await site.VisitAsync();
        await stranger.Page.GotoAsync($"/setup/{job}");
        await stranger.Page.GetByRole(AriaRole.Button, new() { Name = "Make my sign-in link" }).ClickAsync();
        await Expect(stranger.Page.Locator("#sign-in-told")).ToContainTextAsync("No link can be made here any more");
        visit.ShouldBeClean();
    }

    [BrowserFact]
    public async Task By_keyboard_alone_an_order_is_placed_and_followed()
    {
        await using var visit = await site.VisitAsync();
        await visit.Page.GotoAsync("/");

        await TabToAsync(visit.Page, "bundle-");
        await visit.Page.Keyboard.PressAsync("Space");
        await TabToAsync(visit.Page, "tier-");
        await visit.Page.Keyboard.PressAsync("ArrowDown");
        await Expect(visit.Page.Locator("#total")).ToContainTextAsync("200\u00a0GB");
        await TabToAsync(visit.Page, "beacon_name");
        await visit.Page.Keyboard.TypeAsync("by-keyboard");
        await TabToAsync(visit.Page, "email");
        await visit.Page.Keyboard.TypeAsync("anna@example.com");
        await visit.Page.Keyboard.PressAsync("Enter");
        await Expect(visit.Page.GetByRole(AriaRole.Button, new() { Name = "Pay", Exact = true })).ToBeVisibleAsync();
        await visit.Page.Keyboard.PressAsync("Tab");
        await visit.Page.Keyboard.PressAsync("Enter");

        await visit.JobAsync();
        await visit.HeadlineAsync("Your beacon is ready");
        // Where the focus is can be seen.
        await visit.Page.Keyboard.PressAsync("Tab");
        (await visit.Page.EvaluateAsync<string>("getComputedStyle(document.activeElement).outlineStyle")).ShouldBe("solid");
        visit.ShouldBeClean();
    }

    [BrowserFact]
    public async Task Whoever_turns_back_from_the_payment_page_can_pay_later()
    {
        await using var visit = await site.VisitAsync();
        await visit.FillInAsync("paid-later");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await Expect(visit.Page.Locator("h1")).ToHaveTextAsync("Not paid yet");

        await visit.Page.GetByRole(AriaRole.Link, new() { Name = "Pay $29.99" }).ClickAsync();
        await visit.PayAsync();

        await visit.JobAsync();
        visit.ShouldBeClean();
    }

    [BrowserFact]
    public async Task A_page_that_is_reloaded_in_mid_job_goes_on_where_it_was()
    {
        await using var visit = await site.VisitAsync();
        await site.Stack.Sandbox.MisbehaveAsync(new { provider = "cloudflare", kind = "status", status = 503 });
        string job;
        try
        {
            job = await visit.OrderAsync("reloaded");
            await site.Stack.UntilAsync(job, "configuring_dns");
            await Expect(visit.Page.Locator(".steps .now")).ToHaveCountAsync(1);
            var before = await visit.Page.Locator(".steps .done").CountAsync();

            await visit.Page.ReloadAsync();

            await Expect(visit.Page.Locator("#setup")).ToHaveAttributeAsync("data-over", "false");
            (await visit.Page.Locator(".steps .done").CountAsync()).ShouldBeGreaterThanOrEqualTo(before);
        }
        finally
        {
            await site.Stack.Sandbox.BehaveAsync();
        }
        await visit.HeadlineAsync("Your beacon is ready");
        visit.ShouldBeClean();
    }

    [BrowserFact]
    public async Task A_failure_is_told_with_its_code_and_what_can_be_done()
    {
        await using var visit = await site.VisitAsync();
        await site.Stack.Sandbox.MisbehaveAsync(Failures.TokenRefused);
        try
        {
            await visit.OrderAsync("unlucky");
            await Expect(visit.Page.Locator(".notice.bad .code")).ToHaveTextAsync("HETZ-007", new() { Timeout = 60_000 });
        }
        finally
        {
            await site.Stack.Sandbox.BehaveAsync();
        }
        foreach (var part in new[] { "What happened", "What we do", "What you can do" }) await Expect(visit.Page.Locator(".told dt", new() { HasText = part })).ToBeVisibleAsync();
        await Expect(visit.Page.Locator(".steps .stopped")).ToHaveCountAsync(1);
        await visit.Page.Locator(".notice.bad .code").ClickAsync();
        await Expect(visit.Page.Locator("h1")).ToContainTextAsync(HetznerToken());
        visit.ShouldBeClean();
    }

    // In the sandbox all beacons are behind one port.
    [GeneratedRegex("^https?://watched[.]beacons[.]localhost(:[0-9]+)?/$")]
    private static partial Regex Address();

    [GeneratedRegex("^https?://auth[.]first-time[.]beacons[.]localhost(:[0-9]+)?/recovery/use-token/once-only-and-soon/$")]
    private static partial Regex AuthAddress();

    [GeneratedRegex("Hetzner|token", RegexOptions.IgnoreCase)]
    private static partial Regex HetznerToken();

    private static async Task TabToAsync(IPage page, string id)
    {
        for (var i = 0; i < 80; i++)
        {
            await page.Keyboard.PressAsync("Tab");
            if ((await page.EvaluateAsync<string>("document.activeElement.id")).StartsWith(id, StringComparison.Ordinal)) return;
        }
        throw new InvalidOperationException($"the keyboard does not get to {id}");
    }
}
