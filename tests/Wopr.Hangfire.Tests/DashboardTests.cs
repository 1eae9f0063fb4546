using System.Net;
using System.Text.RegularExpressions;
using Wopr.Integration.Tests.Stack;
using Wopr.Operators.SignIn;

namespace Wopr.Hangfire.Tests;

/// <summary>Hangfire's dashboard beside WOPR's console: who may see it, who may act, what is written down, and the ways between the two.</summary>
public sealed partial class DashboardTests
{
    private const string Password = "a viewer's password";

    // The stack starts this profile's host, whatever the rest of the suite runs on.
    static DashboardTests() => Environment.SetEnvironmentVariable("WOPR_PROFILE", "hangfire");

    [Fact]
    public async Task Viewers_look_operators_act_each_act_is_written_down_and_links_lead_both_ways()
    {
        await using var stack = await WoprStack.StartAsync(environment: new Dictionary<string, string> { ["WOPR_OPERATORS"] = $"vera:viewer:{Passwords.Hash(Password)}" });
        var job = await stack.OrderAsync("dash");
        await stack.UntilAsync(job, "completed");

        using var stranger = Browser(stack);
        using (var refused = await stranger.GetAsync("/hangfire"))
            refused.StatusCode.ShouldBeOneOf(HttpStatusCode.Unauthorized, HttpStatusCode.Redirect);

        using var viewer = Browser(stack);
        await SignInAsync(viewer, ("name", "vera"), ("password", Password));
        (await viewer.GetStringAsync("/hangfire/jobs/succeeded?from=0&count=100")).ShouldContain("dash: ");
        var seen = await viewer.GetStringAsync("/hangfire/recurring");
        seen.ShouldContain("sweep_orphans");
        foreach (var path in (string[])["/hangfire/recurring/trigger", "/Hangfire/Recurring/trigger"])
            (await PostAsync(viewer, path, seen)).ShouldBe(HttpStatusCode.Forbidden);
        (await PostAsync(viewer, "/hangfire/stats", seen)).ShouldBe(HttpStatusCode.OK, "the pages' own polling");

        using var chief = Browser(stack);
        await SignInAsync(chief, ("key", WoprStack.OperatorKey));
        var runs = Link("/hangfire/work/provision/", await chief.GetStringAsync($"/operator/jobs/{job}"));
        using var newest = await chief.GetAsync(runs);
        (await chief.GetStringAsync(newest.Headers.Location)).ShouldContain($"/operator/jobs/{job}");

        (await PostAsync(chief, "/hangfire/recurring/trigger", await chief.GetStringAsync("/hangfire/recurring"))).ShouldBe(HttpStatusCode.NoContent);
        await stack.UntilAsync(async () => (await chief.GetStringAsync("/hangfire/jobs/succeeded?from=0&count=100")).Contains("round of sweep_orphans", StringComparison.Ordinal), "the sweep is driven by Hangfire");
        var acts = (await stack.OperatorAsync("/api/operator/audit")).GetProperty("entries").EnumerateArray().Where(e => e.GetProperty("action").GetString() == "hangfire").ToList();
        acts.ShouldHaveSingleItem().GetProperty("detail").GetString().ShouldBe("/hangfire/recurring/trigger: sweep_orphans");
    }

    private static HttpClient Browser(WoprStack stack) =>
        new(new HttpClientHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() }) { BaseAddress = stack.Http.BaseAddress };

    private static async Task SignInAsync(HttpClient browser, params (string Name, string Value)[] fields)
    {
        var token = FormToken().Match(await browser.GetStringAsync("/operator/sign-in")).Groups[1].Value;
        using var form = new FormUrlEncodedContent([new("__RequestVerificationToken", token), .. fields.Select(f => new KeyValuePair<string, string>(f.Name, f.Value))]);
        using var answer = await browser.PostAsync("/operator/sign-in", form);
        answer.StatusCode.ShouldBe(HttpStatusCode.Redirect, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>As the dashboard's own script does, with the token that its page carries.</summary>
    private static async Task<HttpStatusCode> PostAsync(HttpClient browser, string path, string page)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new FormUrlEncodedContent([new("jobs[]", "sweep_orphans")]) };
        request.Headers.Add(PageHeader().Match(page).Groups[1].Value, WebUtility.HtmlDecode(PageToken().Match(page).Groups[1].Value));
        using var answer = await browser.SendAsync(request);
        return answer.StatusCode;
    }

    private static string Link(string start, string html) => Regex.Match(html, $"href=\"({Regex.Escape(start)}[^\"]*)\"").Groups[1].Value;

    [GeneratedRegex("name=\"__RequestVerificationToken\" type=\"hidden\" value=\"([^\"]+)\"")]
    private static partial Regex FormToken();

    [GeneratedRegex("name=\"csrf-header\" content=\"([^\"]+)\"")]
    private static partial Regex PageHeader();

    [GeneratedRegex("name=\"csrf-token\" content=\"([^\"]+)\"")]
    private static partial Regex PageToken();
}
