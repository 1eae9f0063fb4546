using System.Net;
using System.Text.RegularExpressions;
using Wopr.Support;
using Wopr.Web;

namespace Wopr.Orchestrator.Tests.Web;

public sealed partial class ShopPageTests : IAsyncLifetime
{
    private static readonly (string, string)[] GoodOrder =
        [("bundle", "starter"), ("tier", "2"), ("location", "hel1"), ("beacon_name", " Alice "), ("email", "alice@example.org"), ("idempotency_key", "abc123")];

    private WebHost host = null!;

    public async Task InitializeAsync() => host = await WebHost.StartAsync();

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task The_shop_offers_what_is_ready_and_announces_the_rest()
    {
        var (response, html) = await host.OpenAsync("/");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        RadioOf("bundle").Matches(html).Select(m => m.Groups[1].Value).ShouldBe(["starter"]);
        RadioOf("tier").Matches(html).Select(m => m.Groups[1].Value).ShouldBe(["1", "2", "3"]);
        foreach (var price in new[] { "$29.99", "$45.99", "$65.99" }) html.ShouldContain(price);
        html.ShouldContain("instead of Dropbox, Google Drive");
        html.ShouldContain("Coming next");
        html.ShouldContain("Writer&#x27;s &lt;Studio&gt;");
        html.ShouldContain("Singapore, Singapore (sold out)");
        html.ShouldContain("Helsinki, Finland (500 GB sold out; Falkenstein instead)");
        SoldOut().IsMatch(html).ShouldBeTrue();
    }

    [Fact]
    public async Task The_way_to_an_order_needs_no_script()
    {
        var (_, html) = await host.OpenAsync("/");
        var key = Key().Match(html).Groups[1].Value;
        key.Length.ShouldBe(32);

        var (response, _) = await host.SubmitAsync("/", [.. GoodOrder[..5], ("idempotency_key", key)]);

        response.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        response.Headers.Location!.ToString().ShouldBe($"/setup/{FakeShop.Placed}");
        host.Shop.Orders.ShouldBe([(new ShopForm("starter", "2", "hel1", "alice", "alice@example.org"), key)]);
    }

    [Fact]
    public async Task Every_form_has_a_key_of_its_own()
    {
        var (_, first) = await host.OpenAsync("/");
        var (_, second) = await host.OpenAsync("/");

        Key().Match(first).Value.ShouldNotBe(Key().Match(second).Value);
    }

    [Theory]
    [InlineData("https://pay.example/session", "https://pay.example/session")]
    [InlineData("https://pay.shop.example/session", "/payment/11111111-2222-4333-8444-555555555555")]
    public async Task Whoever_has_to_pay_is_sent_where_a_browser_lets_a_form_go(string page, string target)
    {
        host.Shop.Outcome = new ShopOutcome.Placed(FakeShop.Placed, new Uri(page));

        var (response, _) = await host.SubmitAsync("/", GoodOrder);

        response.Headers.Location!.ToString().ShouldBe(target);
        using var shop = await host.Client.GetAsync("/");
        shop.Headers.GetValues("Content-Security-Policy").Single().ShouldContain("form-action 'self' https://pay.example;");
    }

    [Fact]
    public async Task What_is_wrong_stands_beside_its_field_and_the_input_is_kept()
    {
        host.Shop.Outcome = new ShopOutcome.Refused(
        [
            new("beacon_name", ErrorCodes.BeaconNameTaken, "The name alice is in use: choose another."),
            new("email", ErrorCodes.EmailInvalid, "This is not an e-mail address."),
        ]);

        var (response, html) = await host.SubmitAsync("/", [.. GoodOrder[..4], ("email", "\"><script>alert(1)</script>"), ("idempotency_key", "abc123")]);

        response.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        html.ShouldContain("id=\"beacon_name-problem\">The name alice is in use");
        html.ShouldContain("href=\"/support/ORDER-006\"");
        html.ShouldContain("aria-describedby=\"beacon_name-hint beacon_name-problem\" aria-invalid=\"true\"");
        html.ShouldContain("2 things need your attention");
        html.ShouldContain("value=\"&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;\"");
        html.ShouldNotContain("<script>alert");
        html.ShouldContain("value=\"hel1\" selected");
        Key().Match(html).Groups[1].Value.ShouldBe("abc123");
    }

    [Fact]
    public async Task A_key_that_was_used_for_another_order_is_replaced()
    {
        host.Shop.Outcome = new ShopOutcome.Refused([new("", ErrorCodes.IdempotencyKeyReused, "This form was sent before.")]);

        var (_, html) = await host.SubmitAsync("/", GoodOrder);

        Key().Match(html).Groups[1].Value.ShouldNotBe("abc123");
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    public async Task A_form_without_a_key_is_shown_again_with_one(string key)
    {
        var (response, html) = await host.SubmitAsync("/", [.. GoodOrder[..5], ("idempotency_key", key)]);

        response.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        host.Shop.Orders.ShouldBeEmpty();
        Key().Match(html).Groups[1].Value.Length.ShouldBe(32);
    }

    [Fact]
    public async Task A_closed_shop_takes_no_order()
    {
        host.Shop.Open = false;

        var (_, html) = await host.OpenAsync("/");
        html.ShouldContain("PAY-001");
        html.ShouldNotContain("<form method=\"post\"");
        var (response, _) = await host.SubmitAsync("/", GoodOrder);

        response.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        host.Shop.Orders.ShouldBeEmpty();
    }

    [Fact]
    public async Task Another_site_cannot_send_the_form()
    {
        var (response, _) = await host.SubmitAsync("/", GoodOrder, site: "cross-site");

        response.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        host.Shop.Orders.ShouldBeEmpty();
    }

    [Fact]
    public void Every_application_of_the_catalogue_is_explained()
    {
        var catalogue = typeof(IShop).Assembly.GetManifestResourceNames();
        catalogue.ShouldContain(n => n.StartsWith("assets/", StringComparison.Ordinal));
        foreach (var id in AppTexts.Ids)
        {
            AppTexts.Of(id).Purpose.ShouldNotBeNullOrWhiteSpace(id);
            AppTexts.Of(id).Purpose.Length.ShouldBeLessThan(45, id);
        }
    }

    private static Regex RadioOf(string name) => new($"type=\"radio\" name=\"{name}\" value=\"([^\"]+)\"", RegexOptions.None, TimeSpan.FromSeconds(1));

    [GeneratedRegex("name=\"idempotency_key\" value=\"([^\"]*)\"")]
    private static partial Regex Key();

    [GeneratedRegex("<option value=\"sin\" disabled")]
    private static partial Regex SoldOut();
}
