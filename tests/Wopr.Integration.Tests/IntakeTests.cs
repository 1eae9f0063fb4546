using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Wopr.Integration.Tests.Stack;

namespace Wopr.Integration.Tests;

/// <summary>The public face tried as a stranger would: good input, bad input, repeated input, all at once.</summary>
public sealed class IntakeTests(IntakeTests.Quiet quiet) : IClassFixture<IntakeTests.Quiet>
{
    private readonly WoprStack stack = quiet.Stack;

    /// <summary>One stack for all: its servers never boot, so jobs stay where the tests want them.</summary>
    public sealed class Quiet : IAsyncLifetime
    {
        public WoprStack Stack { get; private set; } = null!;

        public async Task InitializeAsync() => Stack = await WoprStack.StartAsync(boot: "none");

        public async Task DisposeAsync() => await Stack.DisposeAsync();
    }

    [Fact]
    public async Task All_bundles_and_tiers_are_listed_with_prices()
    {
        var body = await stack.Http.GetFromJsonAsync<JsonElement>("/api/checkout/bundles");
        body.GetProperty("bundles").GetArrayLength().ShouldBe(26);
        body.GetProperty("storage_tiers").GetArrayLength().ShouldBe(3);
        body.GetProperty("bundles")[0].GetProperty("monthly_cents")[0].GetInt32().ShouldBe(2999);
        body.GetProperty("locations").EnumerateArray().Select(l => l.GetProperty("id").GetString()).ShouldContain("fsn1");
    }

    [Fact]
    public async Task The_same_key_sent_twenty_times_at_once_is_one_job()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => stack.PostOrderAsync(Orders.Starter("same-key"), "key-1")));
        var jobs = await Task.WhenAll(answers.Select(async a => (await WoprStack.JsonOf(a)).GetProperty("job_id").GetString()));
        jobs.Distinct().ShouldHaveSingleItem();
        answers.Count(a => a.StatusCode == HttpStatusCode.Accepted).ShouldBe(1);
        answers.Count(a => a.StatusCode == HttpStatusCode.OK).ShouldBe(19);
    }

    [Fact]
    public async Task The_same_order_without_a_key_is_one_job()
    {
        var first = await WoprStack.JsonOf(await stack.PostOrderAsync(Orders.Starter("same-order")));
        var second = await WoprStack.JsonOf(await stack.PostOrderAsync(Orders.Starter("same-order")));
        second.GetProperty("job_id").GetString().ShouldBe(first.GetProperty("job_id").GetString());
        second.GetProperty("repeated").GetBoolean().ShouldBeTrue();
    }

    [Fact]
    public async Task A_key_for_another_order_is_refused()
    {
        await stack.PostOrderAsync(Orders.Starter("key-owner"), "key-2");
        await RefusedAsync(await stack.PostOrderAsync(Orders.Starter("key-thief"), "key-2"), HttpStatusCode.UnprocessableEntity, "ORDER-008");
    }

    [Fact]
    public async Task A_name_that_is_held_is_refused_to_others()
    {
        await stack.PostOrderAsync(Orders.Starter("held"));
        await RefusedAsync(await stack.PostOrderAsync(Orders.Starter("held", "other@example.com")), HttpStatusCode.Conflict, "ORDER-006");
        var name = await stack.Http.GetFromJsonAsync<JsonElement>("/api/checkout/names/held");
        name.GetProperty("free").GetBoolean().ShouldBeFalse();
    }

    [Theory]
    [InlineData("""{"bundle":"nothing","tier":1,"beacon_name":"x-one","email":"a@example.com"}""", "ORDER-001")]
    [InlineData("""{"bundle":"starter","tier":4,"beacon_name":"x-two","email":"a@example.com"}""", "ORDER-002")]
    [InlineData("""{"bundle":"starter","tier":1,"beacon_name":"x-three","email":"nobody"}""", "ORDER-003")]
    [InlineData("""{"bundle":"starter","tier":1,"beacon_name":"x_y","email":"a@example.com"}""", "ORDER-004")]
    [InlineData("""{"bundle":"starter","tier":1,"beacon_name":"xn--bcher","email":"a@example.com"}""", "ORDER-004")]
    [InlineData("""{"bundle":"starter","tier":1,"beacon_name":"www","email":"a@example.com"}""", "ORDER-005")]
    [InlineData("""{"bundle":"starter","tier":1,"beacon_name":"x-four","email":"a@example.com","location":"moon"}""", "ORDER-007")]
    [InlineData("""{"bundle":"enterprise","tier":1,"beacon_name":"x-five","email":"a@example.com"}""", "ORDER-009")]
    public async Task A_wrong_order_is_refused_with_its_code(string body, string code)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        await RefusedAsync(await stack.Http.PostAsync("/api/checkout", content), HttpStatusCode.UnprocessableEntity, code);
    }

    [Theory]
    [InlineData("not json", "application/json", HttpStatusCode.BadRequest, "ORDER-010")]
    [InlineData("""{"bundle":"starter","price":1}""", "application/json", HttpStatusCode.BadRequest, "ORDER-010")]
    [InlineData("", "application/json", HttpStatusCode.BadRequest, "ORDER-010")]
    [InlineData("{}", "text/plain", HttpStatusCode.UnsupportedMediaType, "JOB-005")]
    public async Task What_is_no_order_is_refused(string body, string type, HttpStatusCode status, string code)
    {
        using var content = new StringContent(body, Encoding.UTF8, type);
        await RefusedAsync(await stack.Http.PostAsync("/api/checkout", content), status, code);
    }

    [Fact]
    public async Task Provisioning_without_payment_is_for_operators()
    {
        await RefusedAsync(await stack.Http.PostAsJsonAsync("/api/provision", Orders.Starter("free-lunch")), HttpStatusCode.Unauthorized, "AUTH-002");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/provision") { Content = JsonContent.Create(Orders.Starter("operators")) };
        request.Headers.Add("Authorization", $"Bearer {WoprStack.OperatorKey}");
        (await stack.Http.SendAsync(request)).StatusCode.ShouldBe(HttpStatusCode.Accepted);
    }

    [Fact]
    public async Task Without_a_payment_provider_payment_events_are_refused()
    {
        using var content = new StringContent("{}", Encoding.UTF8, "application/json");
        await RefusedAsync(await stack.Http.PostAsync("/api/webhook/stripe", content), HttpStatusCode.ServiceUnavailable, "PAY-001");
    }

    [Fact]
    public async Task A_method_that_an_address_does_not_take_is_refused() =>
        await RefusedAsync(await stack.Http.DeleteAsync("/api/checkout/bundles"), HttpStatusCode.MethodNotAllowed, "JOB-005");

    [Theory]
    [InlineData("/api/provision/00000000-0000-0000-0000-000000000000/status")]
    [InlineData("/api/v1/provisioning/nonsense/status")]
    [InlineData("/api/provision/00000000-0000-0000-0000-000000000000/stream")]
    [InlineData("/api/nothing/here")]
    [InlineData("/api/installer/0000000000000000000000000000000000000000000000000000000000000000.tar.gz")]
    [InlineData("/api/support/errors/NONE-999")]
    public async Task What_is_not_there_is_said_so(string path) =>
        await RefusedAsync(await stack.Http.GetAsync(path), HttpStatusCode.NotFound, "JOB-003");

    [Fact]
    public async Task The_installer_is_named_by_its_hash_and_cached_by_it()
    {
        var latest = await stack.Http.GetAsync("/api/installer/latest.tar.gz");
        var bytes = await latest.Content.ReadAsByteArrayAsync();
        var sha256 = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes));
        (await stack.Http.GetStringAsync("/api/installer/latest.tar.gz.sha256")).ShouldStartWith(sha256);
        (await stack.Http.GetByteArrayAsync($"/api/installer/{sha256}.tar.gz")).ShouldBe(bytes);
        using var again = new HttpRequestMessage(HttpMethod.Get, "/api/installer/latest.tar.gz");
        again.Headers.IfNoneMatch.Add(latest.Headers.ETag!);
        (await stack.Http.SendAsync(again)).StatusCode.ShouldBe(HttpStatusCode.NotModified);
    }

    [Fact]
    public async Task The_openapi_document_is_there()
    {
        var document = await stack.Http.GetFromJsonAsync<JsonElement>("/openapi/v1.json");
        document.GetProperty("paths").EnumerateObject().Select(p => p.Name).ShouldContain("/api/provision/{id}/callback");
    }

    private static async Task RefusedAsync(HttpResponseMessage response, HttpStatusCode status, string code)
    {
        var text = await response.Content.ReadAsStringAsync();
        response.StatusCode.ShouldBe(status, text);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        JsonSerializer.Deserialize<JsonElement>(text).GetProperty("code").GetString().ShouldBe(code, text);
    }
}
