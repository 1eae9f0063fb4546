using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Dapper;
using Npgsql;
using Wopr.Integration.Tests.Stack;

namespace Wopr.Integration.Tests;

/// <summary>The way of money: from the shop through the payment page to a beacon, and back when there is none.</summary>
public sealed class PaymentTests(PaymentTests.WithPayments paying) : IClassFixture<PaymentTests.WithPayments>
{
    private readonly WoprStack stack = paying.Stack;

    public sealed class WithPayments : IAsyncLifetime
    {
        public WoprStack Stack { get; private set; } = null!;

        public async Task InitializeAsync() =>
            Stack = await WoprStack.StartAsync(environment: new Dictionary<string, string> { ["WOPR_SANDBOX_PAYMENTS_URL"] = WoprStack.FreeAddress() });

        public async Task DisposeAsync() => await Stack.DisposeAsync();
    }

    [Fact]
    public async Task An_order_in_the_shop_is_paid_on_the_payment_page_and_becomes_a_beacon()
    {
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["bundle"] = "starter",
            ["tier"] = "1",
            ["location"] = "",
            ["beacon_name"] = "paid-shop",
            ["email"] = "anna@example.com",
            ["idempotency_key"] = "shop-form-1",
        });
        using var browser = Browser();
        using var placed = await browser.PostAsync(new Uri(stack.Http.BaseAddress!, "/"), form);
        placed.StatusCode.ShouldBe(HttpStatusCode.SeeOther, await placed.Content.ReadAsStringAsync());
        var page = placed.Headers.Location!;
        (await browser.GetStringAsync(page)).ShouldContain("29.99 USD");

        // Leaving and a declined card change nothing; the shop says how long the name is kept.
        using var left = await PressAsync(browser, page, "cancel");
        (await browser.GetStringAsync(left.Headers.Location)).ShouldContain("Not paid yet");
        (await (await PressAsync(browser, page, "fail")).Content.ReadAsStringAsync()).ShouldContain("declined");

        using var paid = await PressAsync(browser, page, "pay");
        var job = paid.Headers.Location!.AbsolutePath.Split('/')[^1];
        var status = await UntilJobAsync(job, "completed");
        status.GetProperty("refund").ValueKind.ShouldBe(JsonValueKind.Null);
        using var back = await browser.GetAsync(paid.Headers.Location);
        back.Headers.Location!.ToString().ShouldBe($"/setup/{job}");
        (await PaymentsAsync()).GetProperty("sessions").EnumerateArray().Count(s => s.GetProperty("client_reference_id").GetString() == job).ShouldBe(1);
    }

    [Fact]
    public async Task The_same_hosted_order_is_one_checkout_and_a_program_is_still_served_at_once()
    {
        var first = await HostedAsync("paid-api");
        var again = await HostedAsync("paid-api");
        again.GetProperty("payment_url").GetString().ShouldBe(first.GetProperty("payment_url").GetString());
        again.GetProperty("repeated").GetBoolean().ShouldBeTrue();
        (await stack.PostOrderAsync(Orders.Starter("paid-api", "other@example.com"))).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await stack.PostOrderAsync(Orders.Starter("paid-at-once"))).StatusCode.ShouldBe(HttpStatusCode.Accepted);
        (await stack.PostOrderAsync(new { bundle = "starter", tier = 1, beacon_name = "paid-odd", email = "a@example.com", payment = "barter" })).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task Money_goes_back_once_when_a_job_ends_without_a_beacon_though_answers_are_lost_and_the_service_dies()
    {
        var order = await HostedAsync("paid-back");
        var job = order.GetProperty("job_id").GetString()!;
        // The server never starts, so that the job is still on its way when it is cancelled.
        await stack.Sandbox.MisbehaveAsync(new { kind = "never_running", provider = "hetzner" }, new { kind = "lost", provider = "stripe", method = "POST", path = "/refunds", times = 3 });
        try
        {
            using var browser = Browser();
            await PressAsync(browser, new Uri(order.GetProperty("payment_url").GetString()!), "pay");
            await UntilJobAsync(job, "waiting_for_vps", "deploying_wopr");
            await CancelAsync(job);
            await stack.UntilAsync(job, "cancelled");
            await stack.RestartServiceAsync();

            await stack.UntilAsync(async () => (await stack.StatusAsync(job)).GetProperty("refund") is { ValueKind: JsonValueKind.Object } refund && refund.GetProperty("state").GetString() == "returned", "the payment is returned");
            var payment = (await PaymentsAsync()).GetProperty("sessions").EnumerateArray().Single(s => s.GetProperty("client_reference_id").GetString() == job).GetProperty("payment_intent").GetString();
            (await PaymentsAsync()).GetProperty("refunds").EnumerateArray().Count(r => r.GetProperty("payment_intent").GetString() == payment).ShouldBe(1);
            (await stack.Http.GetStringAsync($"/setup/{job}")).ShouldContain("Your payment of $29.99 has been returned");
        }
        finally
        {
            await stack.Sandbox.BehaveAsync();
        }
    }

    [Fact]
    public async Task Only_signed_recent_deliveries_are_taken_and_each_once()
    {
        var body = """{"id":"evt_by_hand","object":"event","type":"customer.created","livemode":false,"data":{"object":{"id":"cus_1","email":"never@kept.example"}}}""";
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        await RefusedAsync(body, null);
        await RefusedAsync(body, $"t={now},v1={new string('0', 64)}");
        await RefusedAsync(body, Sign(body, now, "whsec_other"));
        await RefusedAsync(body, Sign(body, now - 301));
        await RefusedAsync(body, Sign(body, now + 330));
        await RefusedAsync(body + " ", Sign(body, now));
        await RefusedAsync("not an event", Sign("not an event", now), "PAY-012");

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => PostAsync(body, Sign(body, now - 290))));
        answers.ShouldAllBe(a => a.Status == HttpStatusCode.OK);
        answers.Count(a => a.Body.Contains("\"ignored\"", StringComparison.Ordinal)).ShouldBe(1);
        answers.Count(a => a.Body.Contains("\"repeated\"", StringComparison.Ordinal)).ShouldBe(9);

        (await PostAsync(new string('x', 300_000), Sign("", now))).Status.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        (await stack.Http.GetAsync("/api/operator/payments")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/operator/payments?all=true");
        request.Headers.Add("Authorization", $"Bearer {WoprStack.OperatorKey}");
        var kept = await (await stack.Http.SendAsync(request)).Content.ReadAsStringAsync();
        kept.ShouldContain("evt_by_hand");
        kept.ShouldContain("PAY-002");
        kept.ShouldNotContain("never@kept.example");
    }

    private async Task RefusedAsync(string body, string? signature, string code = "PAY-002")
    {
        var (status, text) = await PostAsync(body, signature);
        status.ShouldBe(HttpStatusCode.BadRequest);
        text.ShouldContain(code);
    }

    private async Task<(HttpStatusCode Status, string Body)> PostAsync(string body, string? signature)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/webhook/stripe") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (signature is not null) request.Headers.Add("Stripe-Signature", signature);
        using var response = await stack.Http.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private static string Sign(string body, long time, string secret = "whsec_sandbox") =>
        $"t={time},v1={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{time}.{body}")))}";

    private async Task<JsonElement> HostedAsync(string name)
    {
        using var response = await stack.PostOrderAsync(new { bundle = "starter", tier = 1, beacon_name = name, email = "anna@example.com", payment = "hosted" });
        response.StatusCode.ShouldBeOneOf(HttpStatusCode.Accepted, HttpStatusCode.OK);
        return await WoprStack.JsonOf(response);
    }

    /// <summary>The job begins when the payment's news arrives.</summary>
    private async Task<JsonElement> UntilJobAsync(string job, params string[] states)
    {
        await stack.UntilAsync(async () => (await stack.Http.GetAsync($"/api/provision/{job}/status")).StatusCode != HttpStatusCode.NotFound, "there is a job");
        return await stack.UntilAsync(job, states);
    }

    private static Task<HttpResponseMessage> PressAsync(HttpClient browser, Uri page, string button) =>
        browser.PostAsync(page, new FormUrlEncodedContent([KeyValuePair.Create("what", button)]));

    private static HttpClient Browser() => new(new HttpClientHandler { AllowAutoRedirect = false }) { Timeout = TimeSpan.FromSeconds(60) };

    private async Task<JsonElement> PaymentsAsync() => (await stack.Sandbox.BooksAsync()).GetProperty("payments");

    private async Task CancelAsync(string job)
    {
        await using var connection = new NpgsqlConnection(stack.ConnectionString + ";Gss Encryption Mode=Disable");
        await connection.ExecuteAsync("""
            UPDATE jobs SET cancel_requested_at = now() WHERE id = @job;
            UPDATE work_items SET signals = signals + 1, wake_at = now() WHERE kind = 'provision' AND subject = @job
            """, new { job = Guid.Parse(job) });
    }
}
