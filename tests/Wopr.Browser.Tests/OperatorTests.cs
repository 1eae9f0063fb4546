using Microsoft.Playwright;
using Wopr.Browser.Tests.Site;
using static Microsoft.Playwright.Assertions;

namespace Wopr.Browser.Tests;

/// <summary>What operators do on the console, in a real browser.</summary>
[Collection(SiteCollection.Name)]
public sealed class OperatorTests(RunningSite site)
{
    private const string Password = "a password of the tests";

    [BrowserFact]
    public async Task Why_a_job_failed_is_found_on_the_console_and_the_job_is_resumed()
    {
        await site.Stack.Sandbox.MisbehaveAsync(Failures.TokenRefused);
        var job = await site.Stack.OrderAsync("to-resume");
        await site.Stack.UntilAsync(job, "failed");
        await site.Stack.Sandbox.BehaveAsync();
        await using var visit = await site.VisitAsync();
        var page = visit.Page;
        await visit.SignInAsync();

        await page.GetByLabel("State").SelectOptionAsync("failed");
        await page.GetByLabel("Name or id begins with").FillAsync("to-res");
        await page.GetByRole(AriaRole.Button, new() { Name = "Show" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "to-resume" }).ClickAsync();
        await Expect(page.Locator(".notice.bad .code")).ToHaveTextAsync("HETZ-007");
        await page.GetByRole(AriaRole.Link, new() { Name = "With every step and provider call" }).ClickAsync();
        await Expect(page.Locator("tr.trouble", new() { HasText = "hetzner servers.create" }).First).ToContainTextAsync("401");

        await page.Locator("summary", new() { HasText = "Resume" }).ClickAsync();
        var form = page.Locator("details[open] form");
        await form.GetByLabel("Reason, for the audit log").FillAsync("the token is good again");
        await form.GetByRole(AriaRole.Checkbox).CheckAsync();
        await form.GetByRole(AriaRole.Button, new() { Name = "Resume" }).ClickAsync();

        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("Resume: done");
        await site.Stack.UntilAsync(job, "completed");
        await page.GotoAsync("/operator/audit");
        await Expect(page.Locator("tbody tr").First).ToContainTextAsync("the token is good again");
        visit.ShouldBeClean();
    }

    [BrowserFact]
    public async Task An_admin_makes_an_account_whose_owner_signs_in_sees_and_steers_nothing()
    {
        var job = await site.Stack.OrderAsync("looked-at");
        await site.Stack.UntilAsync(job, "completed");
        await using (var admin = await site.VisitAsync())
        {
            await admin.SignInAsync();
            await admin.Page.GetByRole(AriaRole.Link, new() { Name = "Access" }).ClickAsync();
            await admin.Page.GetByText("Make or change an account").ClickAsync();
            var form = admin.Page.Locator("details[open] form");
            await form.GetByLabel("Name").FillAsync("bea");
            await form.GetByLabel("Password").FillAsync(Password);
            await form.GetByLabel("Reason").FillAsync("she looks after the screen");
            await form.GetByRole(AriaRole.Button).ClickAsync();
            await Expect(admin.Page.GetByRole(AriaRole.Status)).ToContainTextAsync("bea may sign in as viewer");
            admin.ShouldBeClean();
        }

        await using var visit = await site.VisitAsync();
        var page = visit.Page;
        await page.GotoAsync($"/operator/jobs/{job}");
        await SignInAsync(page, "not her password");
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("AUTH-002");
        visit.ForgetComplaints();
        await SignInAsync(page, Password);

        await page.WaitForURLAsync($"**/operator/jobs/{job}");
        await Expect(page.Locator("h1")).ToContainTextAsync("looked-at");
        await Expect(page.Locator(".verbs form")).ToHaveCountAsync(0);
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Access" })).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await page.GotoAsync("/operator");
        await page.WaitForURLAsync("**/operator/sign-in**");
        visit.ShouldBeClean();
    }

    private static async Task SignInAsync(IPage page, string password)
    {
        await page.GetByLabel("Name").FillAsync("bea");
        await page.GetByLabel("Password").FillAsync(password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
    }
}
