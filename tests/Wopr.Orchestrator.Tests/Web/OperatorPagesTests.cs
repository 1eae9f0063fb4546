using System.Net;
using Wopr.Support;

namespace Wopr.Orchestrator.Tests.Web;

public sealed class OperatorPagesTests : IAsyncLifetime
{
    private const string SignedIn = $"wopr_operator={FakeSignIn.Key}";

    private WebHost host = null!;

    public async Task InitializeAsync() => host = await WebHost.StartAsync();

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Theory]
    [InlineData("/operator", null)]
    [InlineData("/operator", "wopr_operator=wrong-key")]
    [InlineData("/operator", "wopr_operator=")]
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
        var cookie = response.Headers.GetValues("Set-Cookie").ShouldHaveSingleItem();
        cookie.ShouldStartWith($"{SignedIn};");
        cookie.ShouldContain("httponly");
        cookie.ShouldContain("samesite=strict");
    }

    [Theory]
    [InlineData("wrong-key")]
    [InlineData("")]
    public async Task A_wrong_key_opens_nothing(string key)
    {
        var (response, html) = await host.SubmitAsync("/operator/sign-in", [("key", key)]);

        response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        response.Headers.Contains("Set-Cookie").ShouldBeFalse();
        html.ShouldContain("AUTH-002");
        html.ShouldNotContain("wrong-key");
    }

    [Fact]
    public async Task Outside_the_sandbox_the_cookie_travels_over_HTTPS_only()
    {
        await using var live = await WebHost.StartAsync(sandbox: false);

        var (response, _) = await live.SubmitAsync("/operator/sign-in", [("key", FakeSignIn.Key)]);

        response.Headers.GetValues("Set-Cookie").ShouldHaveSingleItem().ShouldContain("secure");
    }

    [Fact]
    public async Task Signing_out_takes_the_cookie_away()
    {
        var (response, _) = await host.SubmitAsync("/operator/sign-in?handler=Out", [], SignedIn);

        response.Headers.GetValues("Set-Cookie").ShouldHaveSingleItem().ShouldStartWith("wopr_operator=; expires=Thu, 01 Jan 1970");
    }

    [Fact]
    public async Task Another_site_can_sign_nobody_in_or_out()
    {
        var (response, _) = await host.SubmitAsync("/operator/sign-in", [("key", FakeSignIn.Key)], site: "cross-site");

        response.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        response.Headers.Contains("Set-Cookie").ShouldBeFalse();
    }

    [Fact]
    public async Task Operators_see_the_jobs()
    {
        host.Jobs.All.AddRange([FakeJobs.On("deploying_wopr", ready: 3), FakeJobs.FailedIn("provisioning_vps", ErrorCodes.SoldOut)]);

        var (response, html) = await host.OpenAsync("/operator", SignedIn);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        html.ShouldContain($"href=\"/operator/jobs/{host.Jobs.All[0].Id}\">beacon-1</a>");
        html.ShouldContain("href=\"/support/HETZ-005\"");
    }

    [Fact]
    public async Task Operators_see_one_jobs_timeline()
    {
        host.Jobs.All.Add(FakeJobs.FailedIn("waiting_for_vps", ErrorCodes.ServerNotRunning));

        var (_, html) = await host.OpenAsync($"/operator/jobs/{host.Jobs.All[0].Id}", SignedIn);

        html.ShouldContain("09:26:53.000");
        html.ShouldContain("provisioning_vps");
        html.ShouldContain("VPS-001");
        (await host.OpenAsync("/operator/jobs/nonsense", SignedIn)).Response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }
}
