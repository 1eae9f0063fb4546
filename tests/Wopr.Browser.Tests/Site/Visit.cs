using System.Collections.Concurrent;
using Microsoft.Playwright;
using Wopr.Integration.Tests.Stack;

namespace Wopr.Browser.Tests.Site;

/// <summary>One visitor's page, and everything that the browser complained about on it.</summary>
public sealed class Visit : IAsyncDisposable
{
    private readonly IBrowserContext context;
    private readonly ConcurrentQueue<string> complaints = new();

    public Visit(IBrowserContext context, IPage page)
    {
        (this.context, Page) = (context, page);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning") complaints.Enqueue($"{message.Type} on {page.Url}: {message.Text}");
        };
        page.PageError += (_, error) => complaints.Enqueue($"script error on {page.Url}: {error}");
    }

    public IPage Page { get; }

    /// <summary>No error and no warning in the console, and no script that broke.</summary>
    public void ShouldBeClean() => complaints.ShouldBeEmpty();

    /// <summary>What a refused sign-in or a missing page makes the browser say is no fault of the page.</summary>
    public void ForgetComplaints() => complaints.Clear();

    public async Task SignInAsync()
    {
        await Page.GotoAsync("/operator/sign-in");
        await Page.GetByText("With the operator key").ClickAsync();
        await Page.GetByLabel("Operator key").FillAsync(WoprStack.OperatorKey);
        await Page.GetByRole(AriaRole.Button, new() { Name = "Sign in with the key" }).ClickAsync();
        await Page.WaitForURLAsync("**/operator");
    }

    /// <summary>Fills in the shop's form, sends it, and pays; the job's id.</summary>
    public async Task<string> OrderAsync(string name)
    {
        await FillInAsync(name);
        await PayAsync();
        return await JobAsync();
    }

    /// <summary>Fills in the shop's form and sends it, which leads to the payment page.</summary>
    public async Task FillInAsync(string name)
    {
        await Page.GotoAsync("/");
        await Page.Locator("#bundle-starter").CheckAsync();
        await Page.GetByLabel("Name of your beacon").FillAsync(name);
        await Page.GetByLabel("Your e-mail address").FillAsync("anna@example.com");
        await Page.GetByRole(AriaRole.Button, new() { Name = "Order this beacon" }).ClickAsync();
    }

    public Task PayAsync() => Page.GetByRole(AriaRole.Button, new() { Name = "Pay", Exact = true }).ClickAsync();

    /// <summary>The id of the job whose page this is.</summary>
    public async Task<string> JobAsync()
    {
        await Page.WaitForURLAsync("**/setup/*");
        return Page.Url.Split('/')[^1];
    }

    public Task HeadlineAsync(string text) => Assertions.Expect(Page.Locator("h1")).ToHaveTextAsync(text, new() { Timeout = 60_000 });

    public async ValueTask DisposeAsync() => await context.DisposeAsync();
}
