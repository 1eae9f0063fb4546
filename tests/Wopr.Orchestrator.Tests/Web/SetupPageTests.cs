using System.Net;
using Wopr.Beacons;
using Wopr.Support;
using Wopr.Web;

namespace Wopr.Orchestrator.Tests.Web;

public sealed class SetupPageTests : IAsyncLifetime
{
    private WebHost host = null!;

    public async Task InitializeAsync() => host = await WebHost.StartAsync();

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task A_job_on_its_way_shows_step_module_percent_and_reloads_without_script()
    {
        var html = await ShowAsync(FakeJobs.On("deploying_wopr", ready: 4));

        html.ShouldContain("Installing Nextcloud (5 of 10)</h1>");
        html.ShouldContain("<progress max=\"100\" value=\"60\"");
        html.ShouldContain("aria-current=\"step\"");
        html.ShouldContain("<noscript><meta http-equiv=\"refresh\" content=\"5\"></noscript>");
        html.ShouldContain("data-over=\"false\"");
        html.ShouldContain("Usually ready in about 4 minutes, nine times out of ten within 7 minutes.");
        html.ShouldNotContain("Open your beacon");
    }

    [Fact]
    public async Task A_phone_opens_a_finished_beacon_by_its_picture_and_no_other()
    {
        host.Jobs.All.AddRange([FakeJobs.On("completed", number: 1), FakeJobs.On("deploying_wopr", number: 3)]);

        using var ready = await host.Client.GetAsync($"/setup/{host.Jobs.All[0].Id}/qr.svg");
        ready.Content.Headers.ContentType!.MediaType.ShouldBe("image/svg+xml");
        (await ready.Content.ReadAsStringAsync()).ShouldStartWith("<svg");
        using var early = await host.Client.GetAsync($"/setup/{host.Jobs.All[1].Id}/qr.svg");
        early.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_beacon_that_is_ready_shows_its_addresses_and_reloads_no_more()
    {
        var html = await ShowAsync(FakeJobs.On("completed"));

        html.ShouldContain("Your beacon is ready</h1>");
        html.ShouldContain("href=\"https://beacon-1.beacons.example/\"");
        html.ShouldContain("href=\"https://files.beacon-1.beacons.example/\"");
        html.ShouldContain("<strong>Vaultwarden</strong>");
        html.ShouldNotContain("http-equiv=\"refresh\"");
        html.ShouldContain("data-over=\"true\"");
    }

    [Theory]
    [InlineData(FirstSignInState.Open, "Make my sign-in link", "BEACON-012")]
    [InlineData(FirstSignInState.Given, "given to the browser that asked for it", "Make my sign-in link")]
    [InlineData(null, "we let your beacon make a link for you", "Make my sign-in link")]
    public async Task The_first_sign_in_is_explained_as_it_stands(FirstSignInState? state, string said, string unsaid)
    {
        var html = await ShowAsync(FakeJobs.On("completed") with { SignIn = state is { } now ? new(now, "https://auth.beacon-1.beacons.example/") : null });

        html.ShouldContain("<strong>akadmin</strong>");
        html.ShouldContain(said);
        html.ShouldNotContain(unsaid);
    }

    [Fact]
    public async Task A_failure_says_how_long_what_was_built_is_kept() =>
        (await ShowAsync(FakeJobs.FailedIn("deploying_wopr", ErrorCodes.ImagePullFailed) with { KeptUntil = new(2025, 3, 14, 11, 30, 0, TimeSpan.Zero) }))
            .ShouldContain("Should it not go on by <time datetime=\"2025-03-14T11:30:00Z\">11:30 UTC</time>");

    [Fact]
    public async Task Addresses_are_not_shown_before_they_were_reached() =>
        (await ShowAsync(FakeJobs.On("verifying"))).ShouldNotContain("href=\"https://files.");

    [Fact]
    public async Task A_failure_says_what_happened_what_we_do_what_one_can_do_and_its_code()
    {
        var html = await ShowAsync(FakeJobs.FailedIn("deploying_wopr", ErrorCodes.ImagePullFailed, ready: 4));
        var told = ErrorCatalogue.Load()[ErrorCodes.ImagePullFailed].Customer;

        html.ShouldContain("Your beacon is held up</h1>");
        foreach (var text in new[] { told.WhatHappened, told.WhatWeDo, told.WhatYouCanDo }) html.ShouldContain(text);
        html.ShouldContain("href=\"/support/MODULE-002\"");
        html.ShouldContain("<li class=\"failed\"><span>Nextcloud ");
        html.ShouldContain("stopped here");
    }

    [Fact]
    public async Task A_substitution_is_told()
    {
        var html = await ShowAsync(FakeJobs.On("waiting_for_vps") with { Substitution = "It stands in Helsinki, for Falkenstein has no room." });

        html.ShouldContain("Something is different from your order");
        html.ShouldContain("It stands in Helsinki, for Falkenstein has no room.");
    }

    [Theory]
    [InlineData("/setup/99999999-0000-4000-8000-000000000000")]
    [InlineData("/setup/not-an-id")]
    public async Task An_unknown_job_is_a_page_that_says_so(string path)
    {
        var (response, html) = await host.OpenAsync(path);

        response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        html.ShouldContain("There is nothing at this address.");
        html.ShouldContain("JOB-003");
    }

    [Fact]
    public async Task What_a_beacon_says_stays_text()
    {
        var job = FakeJobs.On("deploying_wopr");
        var html = await ShowAsync(job with { Timeline = [.. job.Timeline, new(99, FakeJobs.Start, "note", null, null, null, null, "<img src=x onerror=alert(1)>", null)] });

        html.ShouldContain("&lt;img src=x onerror=alert(1)&gt;");
        html.ShouldNotContain("<img src=x");
    }

    [Fact]
    public async Task Search_engines_and_other_sites_do_not_learn_the_address()
    {
        host.Jobs.All.Add(FakeJobs.On("pending"));
        var (response, _) = await host.OpenAsync($"/setup/{host.Jobs.All[0].Id}");

        response.Headers.GetValues("X-Robots-Tag").ShouldBe(["noindex"]);
        response.Headers.GetValues("Referrer-Policy").ShouldBe(["same-origin"]);
        response.Headers.CacheControl!.NoStore.ShouldBeTrue();
    }

    [Theory]
    [InlineData("pending")]
    [InlineData("payment_received")]
    [InlineData("provisioning_vps")]
    [InlineData("configuring_dns")]
    [InlineData("waiting_for_vps")]
    [InlineData("deploying_wopr")]
    [InlineData("verifying")]
    [InlineData("generating_docs")]
    [InlineData("sending_welcome")]
    [InlineData("completed")]
    [InlineData("failed")]
    [InlineData("rolling_back")]
    [InlineData("rolled_back")]
    [InlineData("cancelled")]
    public void Every_state_has_words(string state)
    {
        var job = FakeJobs.On("deploying_wopr") with { State = state };

        Wording.Headline(job).ShouldNotBe(state);
        Wording.Explanation(job).ShouldEndWith(".");
    }

    [Fact]
    public void Steps_know_how_long_they_took()
    {
        var steps = JobSteps.Of(FakeJobs.On("waiting_for_vps"));

        steps.Select(s => s.State).ShouldBe([StepState.Done, StepState.Done, StepState.Done, StepState.Done, StepState.Now, StepState.Ahead, StepState.Ahead, StepState.Ahead, StepState.Ahead]);
        steps.Take(4).ShouldAllBe(s => s.Took == TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void A_job_that_left_the_way_stopped_where_it_was() =>
        JobSteps.Of(FakeJobs.FailedIn("configuring_dns", ErrorCodes.ForeignRecord)).Single(s => s.State == StepState.Stopped).Name.ShouldBe("Address");

    [Fact]
    public void A_completed_job_has_no_step_left() =>
        JobSteps.Of(FakeJobs.On("completed")).ShouldAllBe(s => s.State == StepState.Done && s.Took != null);

    [Theory]
    [InlineData(0.2, "moments")]
    [InlineData(42, "42 s")]
    [InlineData(185, "3 min 5 s")]
    [InlineData(7440, "2 h 4 min")]
    public void Lengths_of_time_are_said_as_people_say_them(double seconds, string text) =>
        Wording.Duration(TimeSpan.FromSeconds(seconds)).ShouldBe(text);

    private async Task<string> ShowAsync(JobView job)
    {
        host.Jobs.All.Add(job);
        var (response, html) = await host.OpenAsync($"/setup/{job.Id}");
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        return html;
    }
}
