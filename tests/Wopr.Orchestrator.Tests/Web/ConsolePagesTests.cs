using System.Net;
using System.Text.Json;
using Wopr.Incidents;
using Wopr.Operators;
using Wopr.Provisioning;
using Wopr.Support;

namespace Wopr.Orchestrator.Tests.Web;

/// <summary>What operators do on the console: find a job, understand it, steer it.</summary>
public sealed class ConsolePagesTests : IAsyncLifetime
{
    private string SignedIn => host.SignedIn;

    private WebHost host = null!;

    public async Task InitializeAsync() => host = await WebHost.StartAsync(signedIn: true);

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task The_list_is_filtered_and_goes_on_where_it_ended()
    {
        host.Jobs.All.Add(FakeJobs.On("deploying_wopr"));
        host.Desk.Next = "5~00000000000000000000000000000001";

        var (_, html) = await host.OpenAsync("/operator?q=beac&state=failed&code=hetz-005", SignedIn);

        var filter = host.Desk.Filters.ShouldHaveSingleItem();
        filter.States.ShouldBe([JobState.Failed]);
        filter.Code.ShouldBe("HETZ-005");
        filter.Text.ShouldBe("beac");
        html.ShouldContain("cursor=5~00000000000000000000000000000001");
        html.ShouldContain("<option value=\"failed\" selected=\"selected\">");
    }

    [Theory]
    [InlineData("/operator?state=nonsense")]
    [InlineData("/operator?code=nonsense")]
    public async Task What_cannot_be_looked_for_is_said(string path)
    {
        var (response, html) = await host.OpenAsync(path, SignedIn);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        html.ShouldContain("role=\"alert\"");
        host.Desk.Filters.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_verb_is_carried_out_with_its_reason_in_the_name_of_the_key()
    {
        var job = Failed();

        var (response, _) = await SubmitAsync(job, ("verb", "resume"), ("reason", "the registry is back"), ("from", "provisioning_vps"), ("sure", "yes"));

        response.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        response.Headers.Location!.ToString().ShouldBe($"/operator/jobs/{job}?told=true");
        var request = host.Desk.Requests.ShouldHaveSingleItem();
        (request.Verb, request.Job, request.Reason, request.From).ShouldBe((Verb.Resume, job, "the registry is back", JobState.ProvisioningVps));
        request.Who.Name.ShouldBe(FakeSignIn.Name);
        (await host.OpenAsync($"/operator/jobs/{job}?told=true", SignedIn)).Html.ShouldContain("It is done.");
    }

    [Theory]
    [InlineData("reason", "")]
    [InlineData("sure", "")]
    [InlineData("from", "nowhere")]
    public async Task Without_a_reason_a_confirmation_or_a_known_place_nothing_is_done(string field, string value)
    {
        var fields = new Dictionary<string, string> { ["verb"] = "resume", ["reason"] = "why", ["sure"] = "yes", [field] = value };

        var (response, html) = await SubmitAsync(Failed(), [.. fields.Select(f => (f.Key, f.Value))]);

        response.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        html.ShouldContain("Nothing was done");
        host.Desk.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_refusal_is_shown_with_its_code()
    {
        var job = Failed();
        host.Desk.Outcome = new VerbOutcome.Refused(409, ErrorCodes.VerbDoesNotApply, "The beacon is completed.");

        await SubmitAsync(job, ("verb", "cancel"), ("reason", "why"), ("sure", "yes"));
        var (_, html) = await host.OpenAsync($"/operator/jobs/{job}?told=true", SignedIn);

        html.ShouldContain("Cancel: refused");
        html.ShouldContain("href=\"/support/JOB-007\"");
    }

    [Fact]
    public async Task A_new_token_is_shown_in_one_answer_only()
    {
        host.Jobs.All.Add(FakeJobs.On("deploying_wopr"));
        var job = host.Jobs.All[0].Id;
        host.Desk.Outcome = new VerbOutcome.Done("The token was replaced.", Token: "0123456789abcdef");

        var (response, html) = await SubmitAsync(job, ("verb", "rotate-token"), ("reason", "why"), ("sure", "yes"));

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Headers.CacheControl!.NoStore.ShouldBeTrue();
        html.ShouldContain("0123456789abcdef");
        (await host.OpenAsync($"/operator/jobs/{job}?told=true", SignedIn)).Html.ShouldNotContain("0123456789abcdef");
    }

    [Theory]
    [InlineData(false, "same-origin", true, HttpStatusCode.Redirect)]
    [InlineData(true, "cross-site", true, HttpStatusCode.Forbidden)]
    [InlineData(true, "same-origin", false, HttpStatusCode.BadRequest)]
    public async Task Strangers_other_sites_and_forms_without_our_token_do_nothing(bool signedIn, string site, bool token, HttpStatusCode status)
    {
        var (response, _) = await host.SubmitAsync(
            $"/operator/jobs/{Failed()}", [("verb", "cancel"), ("reason", "why"), ("sure", "yes")], signedIn ? SignedIn : null, site, token);

        response.StatusCode.ShouldBe(status);
        host.Desk.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("the old page is still shown", 1)]
    [InlineData(" ", 0)]
    public async Task The_cache_of_a_jobs_names_is_purged_for_a_reason(string reason, int purges)
    {
        var job = Failed();

        await host.SubmitAsync($"/operator/jobs/{job}?handler=Purge", [("reason", reason), ("sure", "yes")], SignedIn);

        host.Desk.Purges.Count.ShouldBe(purges);
    }

    [Fact]
    public async Task A_verb_that_does_not_exist_is_refused()
    {
        var (response, _) = await SubmitAsync(Failed(), ("verb", "explode"), ("reason", "why"), ("sure", "yes"));

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Incidents_and_the_audit_log_have_their_pages()
    {
        var job = Failed();
        host.Desk.Incidents.Add(new Incident(1, $"job:{job}", "VPS-001", Severity.Critical, job.Value, "the server <does> not start", default(JsonElement), 3, FakeJobs.Start, FakeJobs.Start, null, null));
        await SubmitAsync(job, ("verb", "cancel"), ("reason", "the customer asked"), ("sure", "yes"));

        var (_, incidents) = await host.OpenAsync("/operator/incidents", SignedIn);
        incidents.ShouldContain("the server &lt;does&gt; not start");
        incidents.ShouldContain("3 ×");
        (await host.OpenAsync("/operator/incidents?closed=true", SignedIn)).Html.ShouldContain("None has been closed yet.");
        (await host.OpenAsync("/operator/audit", SignedIn)).Html.ShouldContain("the customer asked");
        (await host.OpenAsync("/operator/audit")).Response.StatusCode.ShouldBe(HttpStatusCode.Redirect);
    }

    [Fact]
    public async Task One_timeline_has_the_states_the_tries_the_incidents_and_the_operators()
    {
        var job = Failed();
        host.Desk.Incidents.Add(new Incident(1, $"job:{job}", "VPS-001", Severity.Critical, job.Value, "the server does not start", default(JsonElement), 3, FakeJobs.Start.AddSeconds(30), FakeJobs.Start, null, null));
        await SubmitAsync(job, ("verb", "resume"), ("reason", "the provider is back"), ("sure", "yes"));

        var (_, without) = await host.OpenAsync($"/operator/jobs/{job}", SignedIn);
        var (_, with) = await host.OpenAsync($"/operator/jobs/{job}?tries=true", SignedIn);

        without.ShouldNotContain("hetzner servers.create");
        with.ShouldContain("201, sent 2 times, 345 ms");
        with.ShouldContain("opened, seen 3 times");
        with.ShouldContain("key of the tests: the provider is back");
        with.IndexOf("hetzner servers.create", StringComparison.Ordinal).ShouldBeLessThan(with.IndexOf("opened, seen 3 times", StringComparison.Ordinal));
    }

    private JobId Failed()
    {
        host.Jobs.All.Add(FakeJobs.FailedIn("waiting_for_vps", ErrorCodes.ServerNotRunning));
        return host.Jobs.All[^1].Id;
    }

    private Task<(HttpResponseMessage Response, string Html)> SubmitAsync(JobId job, params (string, string)[] fields) =>
        host.SubmitAsync($"/operator/jobs/{job}", fields, SignedIn);
}
