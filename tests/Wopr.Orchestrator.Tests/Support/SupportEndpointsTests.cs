using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Wopr.Support;

namespace Wopr.Orchestrator.Tests.Support;

public sealed class SupportEndpointsTests : IAsyncLifetime
{
    private TestHost host = null!;

    public async Task InitializeAsync() => host = await TestHost.StartAsync(
        builder => builder.Services.AddSupport(ErrorCatalogue.Load),
        app =>
        {
            app.MapSupport();
            app.MapGet("/refuse", () => Problems.Result(409, ErrorCodes.BeaconNameTaken, "alice is in use", new Dictionary<string, object?>(StringComparer.Ordinal) { ["field"] = "name", ["status"] = 999 }));
        });

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task The_list_holds_every_code()
    {
        var errors = (await host.Client.GetFromJsonAsync<JsonElement>("/api/support/errors")).GetProperty("errors");

        errors.EnumerateArray().Select(e => e.GetProperty("code").GetString()).ShouldBe(ErrorCatalogue.Load().Entries.Select(e => e.Code.Value));
        errors[0].GetProperty("url").GetString().ShouldBe("/support/HETZ-001");
    }

    [Theory]
    [InlineData("q=sold+out", "HETZ-005")]
    [InlineData("q=hetz-003", "HETZ-003")]
    [InlineData("q=curl%3A+%286%29+Could+not+resolve+host", "CLOUDINIT-002")]
    public async Task A_search_puts_the_best_first(string query, string code)
    {
        var errors = (await host.Client.GetFromJsonAsync<JsonElement>($"/api/support/errors?{query}")).GetProperty("errors");

        errors[0].GetProperty("code").GetString().ShouldBe(code);
        errors.GetArrayLength().ShouldBeLessThan(40);
    }

    [Fact]
    public async Task A_search_without_a_hit_is_empty() =>
        (await host.Client.GetFromJsonAsync<JsonElement>("/api/support/errors?q=xylophone")).GetProperty("errors").GetArrayLength().ShouldBe(0);

    [Theory]
    [InlineData("CLOUDINIT-002")]
    [InlineData("cloudinit-002")]
    public async Task One_code_is_told_whole(string code)
    {
        var error = await host.Client.GetFromJsonAsync<JsonElement>($"/api/support/errors/{code}");

        error.GetProperty("code").GetString().ShouldBe("CLOUDINIT-002");
        error.GetProperty("title").GetString().ShouldBe("Name resolution not ready");
        error.GetProperty("signatures")[0].GetProperty("kind").GetString().ShouldBe("regex");
        error.GetProperty("remedy").GetProperty("tier").GetString().ShouldBe("automatic");
        error.GetProperty("customer").GetProperty("what_we_do").GetString().ShouldNotBeNullOrEmpty();
    }

    [Theory]
    [InlineData("text/markdown", "text/markdown")]
    [InlineData("text/markdown, application/json;q=0.5", "text/markdown")]
    [InlineData("application/json, text/markdown;q=0.5", "application/json")]
    [InlineData("*/*", "application/json")]
    public async Task Markdown_is_given_to_those_who_ask_for_it(string accept, string type)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/support/errors/DB-001");
        request.Headers.TryAddWithoutValidation("Accept", accept);
        using var response = await host.Client.SendAsync(request);

        response.Content.Headers.ContentType!.MediaType.ShouldBe(type);
        response.Headers.Vary.ShouldContain("Accept");
        if (type == "text/markdown") (await response.Content.ReadAsStringAsync()).ShouldStartWith("### DB-001: ");
    }

    [Theory]
    [InlineData("NOPE-999")]
    [InlineData("not a code")]
    public async Task An_unknown_code_is_a_problem(string code)
    {
        using var response = await host.Client.GetAsync($"/api/support/errors/{Uri.EscapeDataString(code)}");

        response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
        problem.GetProperty("code").GetString().ShouldBe("JOB-003");
    }

    [Fact]
    public async Task A_problem_has_its_title_from_the_catalogue_and_keeps_its_own_members()
    {
        using var response = await host.Client.GetAsync("/refuse");

        response.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
        problem.GetProperty("type").GetString().ShouldBe("/support/ORDER-006");
        problem.GetProperty("title").GetString().ShouldBe("Beacon name in use");
        problem.GetProperty("status").GetInt32().ShouldBe(409);
        problem.GetProperty("detail").GetString().ShouldBe("alice is in use");
        problem.GetProperty("field").GetString().ShouldBe("name");
    }
}
