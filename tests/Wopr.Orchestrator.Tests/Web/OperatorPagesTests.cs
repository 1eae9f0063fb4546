using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Wopr.Operators;
using Wopr.Operators.SignIn;
using Wopr.Support;

namespace Wopr.Orchestrator.Tests.Web;

/// <summary>Who gets into the console, and how far.</summary>
public sealed class OperatorPagesTests : IAsyncLifetime
{
    private WebHost host = null!;

    public async Task InitializeAsync() => host = await WebHost.StartAsync(signedIn: true);

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Theory]
    [InlineData("/operator", null)]
    [InlineData("/operator", "wopr_operator=wrong")]
    [InlineData("/operator", "wopr_operator=")]
    [InlineData("/operator/access", null)]
    [InlineData("/operator/jobs/11111111-2222-4333-8444-555555555555", null)]
    public async Task Whoever_is_not_signed_in_is_sent_to_the_sign_in(string path, string? cookie)
    {
        host.Jobs.All.Add(FakeJobs.On("pending"));

        var (response, html) = await host.OpenAsync(path, cookie);

        response.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        response.Headers.Location!.ToString().ShouldBe($"/operator/sign-in?next={Uri.EscapeDataString(path)}");
        html.ShouldNotContain("beacon-1");
    }

    [Theory]
    [InlineData("/operator/jobs/abc", "/operator/jobs/abc")]
    [InlineData("", "/operator")]
    [InlineData("//evil.example/", "/operator")]
    [InlineData("https://evil.example/", "/operator")]
    [InlineData("/operator-of-another", "/operator")]
    public async Task The_right_key_opens_the_console_and_no_other_place(string next, string target)
    {
        var (response, _) = await host.SubmitAsync("/operator/sign-in", [("key", FakeSignIn.Key), ("next", next)]);

        response.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        response.Headers.Location!.ToString().ShouldBe(target);
        var cookie = Session(response)!;
        cookie.ShouldNotContain(FakeSignIn.Key);
        cookie.ShouldContain("httponly");
        cookie.ShouldContain("samesite=lax");
    }

    [Fact]
    public async Task Name_and_password_open_the_console_too()
    {
        var (response, _) = await host.SubmitAsync("/operator/sign-in", [("name", " Anna"), ("password", FakeSignIn.Password)]);

        response.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        var (_, html) = await host.OpenAsync("/operator", Session(response)!.Split(';')[0]);
        html.ShouldContain("anna, operator");
        html.ShouldNotContain("/operator/access");
    }

    [Theory]
    [InlineData("key", "wrong-key", "AUTH-002", HttpStatusCode.Unauthorized)]
    [InlineData("key", "", "AUTH-002", HttpStatusCode.Unauthorized)]
    [InlineData("name", "anna", "AUTH-002", HttpStatusCode.Unauthorized)]
    [InlineData("name", "eager", "AUTH-004", HttpStatusCode.TooManyRequests)]
    public async Task What_is_wrong_or_tried_too_often_opens_nothing(string field, string value, string code, HttpStatusCode status)
    {
        var (response, html) = await host.SubmitAsync("/operator/sign-in", [(field, value), ("password", "wrong password")]);

        response.StatusCode.ShouldBe(status);
        Session(response).ShouldBeNull();
        html.ShouldContain(code);
        html.ShouldNotContain("wrong-key");
    }

    [Fact]
    public async Task Outside_the_sandbox_the_cookies_travel_over_HTTPS_only()
    {
        await using var live = await WebHost.StartAsync(sandbox: false);

        var (response, _) = await live.SubmitAsync("/operator/sign-in", [("key", FakeSignIn.Key)]);

        Session(response)!.ShouldContain("secure");
        var (page, _) = await live.OpenAsync("/operator/sign-in");
        page.Headers.GetValues("Set-Cookie").ShouldHaveSingleItem().ShouldContain("secure");
    }

    [Fact]
    public async Task Signing_out_takes_the_cookie_away()
    {
        var (response, _) = await host.SubmitAsync("/operator/sign-in?handler=Out", [], host.SignedIn);

        Session(response)!.ShouldStartWith("wopr_operator=; expires=Thu, 01 Jan 1970");
    }

    [Theory]
    [InlineData("cross-site", true, HttpStatusCode.Forbidden)]
    [InlineData("same-origin", false, HttpStatusCode.BadRequest)]
    public async Task Another_site_can_sign_nobody_in_or_out(string site, bool token, HttpStatusCode status)
    {
        var (response, _) = await host.SubmitAsync("/operator/sign-in", [("key", FakeSignIn.Key)], site: site, token: token);

        response.StatusCode.ShouldBe(status);
        Session(response).ShouldBeNull();
    }

    [Fact]
    public async Task A_session_ends_when_what_it_began_with_does_not_hold_any_more()
    {
        var desk = new FakeSignIn();
        await using var own = await WebHost.StartAsync(services: s => s.AddSingleton<ISignInDesk>(desk), signedIn: true);
        (await own.OpenAsync("/operator", own.SignedIn)).Response.StatusCode.ShouldBe(HttpStatusCode.OK);

        desk.Holds = false;

        (await own.OpenAsync("/operator", own.SignedIn)).Response.StatusCode.ShouldBe(HttpStatusCode.Redirect);
    }

    [Fact]
    public async Task While_the_database_is_away_an_operator_is_told_so_by_a_page()
    {
        var desk = new FakeSignIn();
        await using var own = await WebHost.StartAsync(services: s => s.AddSingleton<ISignInDesk>(desk), signedIn: true);
        desk.IsAway = true;

        var (response, html) = await own.OpenAsync("/operator", own.SignedIn);

        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        html.ShouldContain("DB-003");
        desk.IsAway = false;
        (await own.OpenAsync("/operator", own.SignedIn)).Response.StatusCode.ShouldBe(HttpStatusCode.OK, "the session goes on");
    }

    [Fact]
    public async Task While_the_database_is_away_a_program_with_a_key_is_told_so_at_a_page_too()
    {
        await using var away = Npgsql.NpgsqlDataSource.Create("Host=127.0.0.1;Port=1;Username=nobody");
        await using var own = await WebHost.StartAsync(services: s => s.AddSingleton(away).AddSingleton<OperatorKeys>());
        using var request = new HttpRequestMessage(HttpMethod.Get, "/operator") { Headers = { Authorization = new("Bearer", "a-key") } };

        using var response = await own.Client.SendAsync(request);

        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await response.Content.ReadAsStringAsync()).ShouldContain("DB-003");
    }

    [Theory]
    [InlineData(OperatorRole.Viewer, "cancel", HttpStatusCode.Forbidden)]
    [InlineData(OperatorRole.Operator, "cancel", HttpStatusCode.Redirect)]
    [InlineData(OperatorRole.Operator, "decommission", HttpStatusCode.Forbidden)]
    [InlineData(OperatorRole.Admin, "decommission", HttpStatusCode.Redirect)]
    public async Task A_verb_needs_its_role(OperatorRole role, string verb, HttpStatusCode status)
    {
        host.Jobs.All.Add(FakeJobs.FailedIn("waiting_for_vps", ErrorCodes.ServerNotRunning));
        var session = await host.SignInAsync(FakeSignIn.KeyOf(role));

        var (response, html) = await host.SubmitAsync($"/operator/jobs/{host.Jobs.All[0].Id}", [("verb", verb), ("reason", "why"), ("sure", "yes")], session);

        response.StatusCode.ShouldBe(status);
        host.Desk.Requests.Count.ShouldBe(status == HttpStatusCode.Redirect ? 1 : 0);
        if (status == HttpStatusCode.Forbidden) html.ShouldContain("AUTH-003");
    }

    [Fact]
    public async Task Viewers_see_everything_and_are_offered_nothing()
    {
        host.Jobs.All.Add(FakeJobs.FailedIn("waiting_for_vps", ErrorCodes.ServerNotRunning));
        var session = await host.SignInAsync(FakeSignIn.KeyOf(OperatorRole.Viewer));

        var (response, html) = await host.OpenAsync($"/operator/jobs/{host.Jobs.All[0].Id}", session);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        html.ShouldContain("VPS-001");
        html.ShouldNotContain("name=\"verb\" value");
        (await host.OpenAsync("/operator/access", session)).Response.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Operators_see_the_jobs()
    {
        host.Jobs.All.AddRange([FakeJobs.On("deploying_wopr", ready: 3), FakeJobs.FailedIn("provisioning_vps", ErrorCodes.SoldOut)]);

        var (response, html) = await host.OpenAsync("/operator", host.SignedIn);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        html.ShouldContain($"href=\"/operator/jobs/{host.Jobs.All[0].Id}\">beacon-1</a>");
        html.ShouldContain("href=\"/support/HETZ-005\"");
    }

    [Fact]
    public async Task Operators_see_one_jobs_timeline()
    {
        host.Jobs.All.Add(FakeJobs.FailedIn("waiting_for_vps", ErrorCodes.ServerNotRunning));

        var (_, html) = await host.OpenAsync($"/operator/jobs/{host.Jobs.All[0].Id}", host.SignedIn);

        html.ShouldContain("09:26:53.000");
        html.ShouldContain("provisioning_vps");
        html.ShouldContain("VPS-001");
        (await host.OpenAsync("/operator/jobs/nonsense", host.SignedIn)).Response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    private static string? Session(HttpResponseMessage response) =>
        response.Headers.TryGetValues("Set-Cookie", out var cookies) ? cookies.SingleOrDefault(c => c.StartsWith("wopr_operator=", StringComparison.Ordinal)) : null;
}
