using Wopr.Hetzner;

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

    /// <summary>HETZ-002 cannot happen: whatever job and bundle, what WOPR writes fits the grammar, or is refused by WOPR itself.</summary>
    [Fact]
    public void Every_label_that_WOPR_makes_is_valid()
    {
        var random = new Random(20261121);
        const string Alphabet = "abcxyz019-._@:/ ü\n\"'\\{}$";
        var bytes = new byte[16];
        var made = 0;
        for (var i = 0; i < 5000; i++)
        {
            random.NextBytes(bytes);
            var bundle = new string([.. Enumerable.Range(0, random.Next(1, 70)).Select(_ => Alphabet[random.Next(random.Next(1, Alphabet.Length + 1))])]);
            if (!HetznerLabels.IsValue(bundle))
            {
                Should.Throw<ArgumentException>(() => HetznerLabels.Of(new Guid(bytes), bundle));
                continue;
            }

            made++;
            HetznerLabels.Fault(HetznerLabels.Of(new Guid(bytes), bundle)).ShouldBeNull();
        }

        made.ShouldBeGreaterThan(500);
        HetznerLabels.Fault(HetznerLabels.Shared).ShouldBeNull();
    }

    [Fact]
    public void A_fault_names_the_key_and_never_the_value()
    {
        HetznerLabels.Fault(new Dictionary<string, string> { ["mail"] = "anna@example.com" }).ShouldBe("the value of the label mail is outside the grammar");
        HetznerLabels.Fault(new Dictionary<string, string> { ["anna@example.com"] = "" }).ShouldBe("a label's key is outside the grammar");
    }

    [Fact]
    public void A_selector_wants_every_label() =>
        HetznerLabels.Selector(new Dictionary<string, string> { ["b"] = "2", ["a"] = "1" }).ShouldBe("a==1,b==2");
}
