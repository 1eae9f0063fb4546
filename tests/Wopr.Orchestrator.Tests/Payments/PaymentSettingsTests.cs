using Wopr.Orchestrator.Tests.Support;
using Wopr.Platform;

namespace Wopr.Orchestrator.Tests.Payments;

/// <summary>Test and live mode never meet: made-up servers are not sold for money, and real ones not for nothing.</summary>
public sealed class PaymentSettingsTests
{
    private const string LiveKey = "sk_live_0123456789abcdefghijklmn", TestKey = "sk_test_0123456789abcdefghijklmn";

    [Fact]
    public void A_key_says_which_events_are_taken()
    {
        TestSettings.Make(("STRIPE_SECRET_KEY", TestKey), ("STRIPE_WEBHOOK_SECRETS", "whsec_a,whsec_b")).Payments!.Live.ShouldBeFalse();
        TestSettings.MakeLive(("STRIPE_SECRET_KEY", LiveKey), ("STRIPE_WEBHOOK_SECRETS", "whsec_a")).Payments!.Live.ShouldBeTrue();
        TestSettings.MakeLive(("STRIPE_SECRET_KEY", LiveKey), ("STRIPE_WEBHOOK_SECRETS", "whsec_a")).Payments!.PageOrigin.ShouldBe("https://checkout.stripe.com");
        TestSettings.Make(("WOPR_SANDBOX_PAYMENTS_URL", "http://127.0.0.1:8005")).Payments!.PageOrigin.ShouldBe("http://127.0.0.1:8005");
        TestSettings.MakeLive().Payments.ShouldBeNull();
    }

    [Theory]
    [InlineData(false, LiveKey, "whsec_a", "STRIPE_SECRET_KEY is a live key")]
    [InlineData(true, TestKey, "whsec_a", "STRIPE_SECRET_KEY is a test key")]
    [InlineData(true, "pk_live_0123456789abcdefghijklmn", "whsec_a", "STRIPE_SECRET_KEY is not a secret key")]
    [InlineData(true, LiveKey, "secret", "STRIPE_WEBHOOK_SECRETS is not a list")]
    [InlineData(true, LiveKey, null, "STRIPE_WEBHOOK_SECRETS is missing")]
    [InlineData(true, null, "whsec_a", "STRIPE_SECRET_KEY is missing")]
    public void What_would_mix_the_modes_does_not_start(bool live, string? key, string? secrets, string problem)
    {
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["STRIPE_SECRET_KEY"] = key,
            ["STRIPE_WEBHOOK_SECRETS"] = secrets,
            [live ? "HCLOUD_TOKEN" : "WOPR_SANDBOX_HETZNER_URL"] = live ? "t" : "http://127.0.0.1:1",
            [live ? "CLOUDFLARE_API_TOKEN" : "WOPR_SANDBOX_CLOUDFLARE_URL"] = live ? "t" : "http://127.0.0.1:1",
        };

        var problems = new SettingsReader(name => environment.GetValueOrDefault(name)).Read().Problems;

        problems.ShouldContain(p => p.StartsWith(problem, StringComparison.Ordinal));
        problems.ShouldAllBe(p => !p.Contains("0123456789", StringComparison.Ordinal));
    }
}
