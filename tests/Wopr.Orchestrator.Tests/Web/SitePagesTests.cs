using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Wopr.Orchestrator.Tests.Support;
using Wopr.Support;

namespace Wopr.Orchestrator.Tests.Web;

/// <summary>What holds for all pages.</summary>
public sealed partial class SitePagesTests : IAsyncLifetime
{
    private WebHost host = null!;

    public async Task InitializeAsync() => host = await WebHost.StartAsync();

    public async Task DisposeAsync() => await host.DisposeAsync();

    public static TheoryData<string> Pages => ["/", "/support", "/support?q=sold+out", "/support/CLOUDINIT-002", "/operator/sign-in", "/nowhere", "/setup/00000001-0000-4000-8000-000000000001"];

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Every_page_keeps_a_strict_policy_and_has_nothing_inline(string path)
    {
        host.Jobs.All.Add(FakeJobs.On("deploying_wopr", ready: 2));
        var (response, html) = await host.OpenAsync(path);

        var policy = response.Headers.GetValues("Content-Security-Policy").ShouldHaveSingleItem();
        policy.ShouldStartWith("default-src 'none'; style-src 'self'; script-src 'self'");
        policy.ShouldNotContain("unsafe");
        response.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
        Inline().Matches(html).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Every_page_says_that_it_is_the_sandbox(string path)
    {
        host.Jobs.All.Add(FakeJobs.On("pending"));
        (await host.OpenAsync(path)).Html.ShouldContain("class=\"sandbox\"");

        await using var live = await WebHost.StartAsync(sandbox: false);
        live.Jobs.All.Add(FakeJobs.On("pending"));
        (await live.OpenAsync(path)).Html.ShouldNotContain("class=\"sandbox\"");
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Every_page_has_one_title_one_heading_labels_and_no_id_twice(string path)
    {
        host.Jobs.All.Add(FakeJobs.On("deploying_wopr", ready: 2));
        var (_, html) = await host.OpenAsync(path);

        html.ShouldContain("<html lang=\"en\">");
        Heading().Count(html).ShouldBe(1);
        Ids().Matches(html).Select(m => m.Groups[1].Value).ShouldBeUnique();
        var labelled = Labels().Matches(html).Select(m => m.Groups[1].Value).ToList();
        foreach (Match field in Fields().Matches(html))
        {
            if (!field.Value.Contains("type=\"hidden\"", StringComparison.Ordinal)) labelled.ShouldContain(IdOf().Match(field.Value).Groups[1].Value, field.Value);
        }
    }

    [Fact]
    public async Task A_page_with_all_that_belongs_to_it_stays_under_100_kB()
    {
        var (_, html) = await host.OpenAsync("/");
        var assets = AssetAddress().Matches(html).Select(m => m.Value).Distinct().ToList();
        assets.Count.ShouldBeGreaterThanOrEqualTo(3);

        var bytes = html.Length;
        foreach (var asset in assets)
        {
            using var response = await host.Client.GetAsync(asset);
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
            response.Headers.CacheControl!.ToString().ShouldContain("immutable");
            bytes += (await response.Content.ReadAsByteArrayAsync()).Length;
        }

        bytes.ShouldBeLessThan(100_000);
    }

    [Fact]
    public async Task An_asset_is_not_sent_twice_to_those_who_have_it()
    {
        using var first = await host.Client.GetAsync("/assets/site.css");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/assets/site.css");
        request.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using var second = await host.Client.SendAsync(request);

        second.StatusCode.ShouldBe(HttpStatusCode.NotModified);
        (await host.Client.GetAsync("/assets/../site.css")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Programs_get_problems_where_people_get_pages()
    {
        using var response = await host.Client.GetAsync("/api/nowhere");

        response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
        problem.GetProperty("code").GetString().ShouldBe("JOB-003");
        problem.GetProperty("status").GetInt32().ShouldBe(404);
    }

    [Fact]
    public async Task A_browser_that_opens_an_API_address_gets_a_problem_too() =>
        (await host.OpenAsync("/api/nowhere")).Response.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");

    [Fact]
    public async Task A_fault_is_told_without_its_inner_details()
    {
        var (response, html) = await host.OpenAsync("/broken");

        response.StatusCode.ShouldBe(HttpStatusCode.InternalServerError);
        html.ShouldContain("SERVICE-001");
        html.ShouldNotContain("secret detail");
        using var plain = await host.Client.GetAsync("/broken");
        (await plain.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString().ShouldBe("SERVICE-001");
    }

    [Theory]
    [InlineData("/broken")]
    [InlineData("/api/broken")]
    public async Task A_fault_stands_in_the_log_once_with_its_code_and_its_address(string address)
    {
        using var logs = new CapturedLogs();
        await using (var own = await WebHost.StartAsync(services: s => s.AddLogging(l => l.AddProvider(logs)))) await own.OpenAsync(address);

        logs.Lines.Where(l => l.Contains("secret detail")).ShouldHaveSingleItem().ShouldStartWith($"Error 1301 HTTP: GET {address}: SERVICE-001");
    }

    [Fact]
    public async Task A_database_that_is_away_is_told_as_that()
    {
        var (response, html) = await host.OpenAsync("/away");

        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("text/html");
        html.ShouldContain("DB-003");
        html.ShouldNotContain("secret detail");
    }

    [Theory]
    [InlineData("/api/broken", 500, "SERVICE-001")]
    [InlineData("/API/broken", 500, "SERVICE-001")]
    [InlineData("/api/bare/400", 400, "JOB-005")]
    [InlineData("/api/bare/403", 403, "AUTH-003")]
    [InlineData("/api/bare/502", 502, "SERVICE-001")]
    public async Task What_goes_wrong_in_the_API_is_a_problem_also_to_a_browser(string address, int status, string code)
    {
        var (response, text) = await host.OpenAsync(address);

        ((int)response.StatusCode).ShouldBe(status);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        JsonDocument.Parse(text).RootElement.GetProperty("code").GetString().ShouldBe(code);
        text.ShouldNotContain("secret detail");
    }

    [Theory]
    [InlineData("POST", 405)]
    [InlineData("DELETE", 405)]
    public async Task A_wrong_method_is_a_problem(string method, int status)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), "/api/support/errors");
        using var response = await host.Client.SendAsync(request);

        ((int)response.StatusCode).ShouldBe(status);
        (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString().ShouldBe("JOB-005");
    }

    [Fact]
    public async Task Every_code_has_a_page()
    {
        foreach (var code in ErrorCodes.All)
        {
            var (response, html) = await host.OpenAsync($"/support/{code}");
            response.StatusCode.ShouldBe(HttpStatusCode.OK, code.Value);
            html.ShouldContain($"<span class=\"code\">{code}</span>");
        }
    }

    [Fact]
    public async Task A_code_is_found_in_any_case_and_an_unknown_one_is_not()
    {
        (await host.OpenAsync("/support/hetz-001")).Html.ShouldContain("HETZ-001");
        (await host.OpenAsync("/support/HETZ-999")).Response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Codes_in_running_text_are_links_and_those_in_commands_are_not()
    {
        var (_, html) = await host.OpenAsync("/support/CALLBACK-003");

        html.ShouldContain("see <a href=\"/support/CALLBACK-001\">CALLBACK-001</a>");
        html.ShouldContain("<pre tabindex=\"0\"><code class=\"language-bash\">");
    }

    [Fact]
    public async Task What_is_searched_for_stays_text() =>
        (await host.OpenAsync("/support?q=%3Cscript%3Ealert(1)%3C/script%3E")).Html.ShouldNotContain("<script>alert");

    [GeneratedRegex(@"<script(?![^>]* src=)|<style|\sstyle=|\son[a-z]+=|javascript:", RegexOptions.IgnoreCase)]
    private static partial Regex Inline();

    [GeneratedRegex("<h1[ >]")]
    private static partial Regex Heading();

    [GeneratedRegex("\\sid=\"([^\"]+)\"")]
    private static partial Regex Ids();

    [GeneratedRegex("<label for=\"([^\"]+)\"")]
    private static partial Regex Labels();

    [GeneratedRegex("<(input|select|textarea)[^>]*>")]
    private static partial Regex Fields();

    [GeneratedRegex("\\sid=\"([^\"]+)\"")]
    private static partial Regex IdOf();

    [GeneratedRegex("/assets/[a-z.]+\\?v=[0-9a-f]+")]
    private static partial Regex AssetAddress();
}
