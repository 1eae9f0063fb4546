using Wopr.Checkout;
using Wopr.Hetzner;
using Wopr.Provisioning;

namespace Wopr.Orchestrator.Tests.Hetzner;

public sealed class HetznerLabelsTests
{
    [Theory]
    [InlineData("managed-by")]
    [InlineData("a")]
    [InlineData("example.com/wopr-job")]
    public void Good_keys(string key) => HetznerLabels.IsKey(key).ShouldBeTrue();

    [Theory]
    [InlineData("")]
    [InlineData("-a")]
    [InlineData("a-")]
    [InlineData("a b")]
    [InlineData("a\n")]
    [InlineData("/a")]
    [InlineData("under_score.com/a")]
    [InlineData("hetzner.cloud/a")]
    [InlineData("x.hetzner.cloud/a")]
    [InlineData("a234567890123456789012345678901234567890123456789012345678901234")]
    public void Bad_keys(string key) => HetznerLabels.IsKey(key).ShouldBeFalse();

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("A.b_c-9")]
    public void Good_values(string value) => HetznerLabels.IsValue(value).ShouldBeTrue();

    [Theory]
    [InlineData("anna@example.com")]
    [InlineData("a:b")]
    [InlineData("a/b")]
    [InlineData("ü")]
    [InlineData("_a")]
    [InlineData("a\n")]
    [InlineData("a234567890123456789012345678901234567890123456789012345678901234")]
    public void Bad_values(string value) => HetznerLabels.IsValue(value).ShouldBeFalse();

    [Theory]
    [InlineData("wopr-1", true)]
    [InlineData("b.example.com", true)]
    [InlineData("9lives", true)]
    [InlineData("under_score", false)]
    [InlineData("-a", false)]
    [InlineData("a..b", false)]
    [InlineData("a\n", false)]
    [InlineData("", false)]
    public void Server_names(string name, bool good) => HetznerLabels.IsHostName(name).ShouldBe(good);

    /// <summary>HETZ-002 cannot happen: whatever the job and whichever bundle is sold, the labels fit the grammar.</summary>
    [Fact]
    public void Every_label_that_WOPR_makes_is_valid()
    {
        var random = new Random(20261121);
        var bytes = new byte[16];
        foreach (var bundle in Catalogue.Load().Bundles)
        {
            for (var i = 0; i < 50; i++)
            {
                random.NextBytes(bytes);
                var labels = ServerLabels.For(Some.Job(new JobId(new Guid(bytes))) with { Bundle = bundle.Id });
                HetznerLabels.Fault(labels).ShouldBeNull();
                labels.Keys.ShouldAllBe(k => Fits(k, 1));
                labels.Values.ShouldAllBe(v => Fits(v, 0));
            }
        }
    }

    [Fact]
    public void The_check_agrees_with_the_grammar_written_once_more()
    {
        var random = new Random(20261121);
        var (good, bad) = (0, 0);
        for (var i = 0; i < 5000; i++)
        {
            var alphabet = i % 2 == 0 ? "abcXYZ019" : "abcXYZ019-._@:/ ü\n\"'\\{}$";
            var text = new string([.. Enumerable.Range(0, random.Next(0, 70)).Select(_ => alphabet[random.Next(alphabet.Length)])]);
            HetznerLabels.IsValue(text).ShouldBe(Fits(text, 0), text);
            if (Fits(text, 0)) good++;
            else bad++;
        }

        good.ShouldBeGreaterThan(1000);
        bad.ShouldBeGreaterThan(1000);
    }

    private static bool Fits(string text, int shortest) =>
        text.Length >= shortest && text.Length <= 63
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-')
        && (text.Length == 0 || (char.IsAsciiLetterOrDigit(text[0]) && char.IsAsciiLetterOrDigit(text[^1])));

    [Fact]
    public void A_fault_names_the_key_and_never_the_value()
    {
        HetznerLabels.Fault(new Dictionary<string, string> { ["mail"] = "anna@example.com" }).ShouldBe("the value of the label mail is outside the grammar");
        HetznerLabels.Fault(new Dictionary<string, string> { ["anna@example.com"] = "" }).ShouldBe("a label's key is outside the grammar");
    }

    [Fact]
    public void A_selector_wants_every_label() =>
        HetznerLabels.Selector(new Dictionary<string, string> { ["b"] = "2", ["a"] = "1" }).ShouldBe("a==1,b==2");

    private static class Some
    {
        public static Job Job(JobId id) => new()
        {
            Id = id,
            State = JobState.ProvisioningVps,
            StateEnteredAt = default,
            DeadlinePassed = false,
            BeaconName = "b",
            Fqdn = "b.example.com",
            Bundle = "starter",
            Tier = 1,
            Email = "anna@example.com",
            Location = null,
            Paid = true,
            Modules = [],
            InstallerSha256 = null,
            Ladder = [],
            LadderPosition = 0,
            ServerAttempts = 0,
            Stage = null,
            Progress = 0,
            Module = null,
            LastCallbackAt = null,
            ReportedError = null,
            Substitution = null,
            ErrorCode = null,
            FailedState = null,
            CancelRequested = false,
            DecommissionRequested = false,
            Now = default,
            Signals = 0,
        };
    }
}
