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

    /// <summary>HETZ-002 cannot happen: whatever job and bundle, what WOPR writes fits the grammar, or WOPR itself refuses to write it.</summary>
    [Fact]
    public void Every_label_that_WOPR_makes_is_valid()
    {
        var random = new Random(20261121);
        var bytes = new byte[16];
        var (made, refused) = (0, 0);
        for (var i = 0; i < 5000; i++)
        {
            random.NextBytes(bytes);
            var alphabet = i % 2 == 0 ? "abcXYZ019" : "abcXYZ019-._@:/ ü\n\"'\\{}$";
            var bundle = new string([.. Enumerable.Range(0, random.Next(0, 70)).Select(_ => alphabet[random.Next(alphabet.Length)])]);
            try
            {
                foreach (var (key, value) in HetznerLabels.Of(new Guid(bytes), bundle))
                {
                    Fits(key, shortest: 1).ShouldBeTrue();
                    Fits(value, shortest: 0).ShouldBeTrue();
                }

                made++;
            }
            catch (ArgumentException)
            {
                Fits(bundle, shortest: 0).ShouldBeFalse();
                refused++;
            }
        }

        made.ShouldBeGreaterThan(1000);
        refused.ShouldBeGreaterThan(1000);
    }

    /// <summary>The provider's grammar for the name of a key and for a value, written once more without the code under test.</summary>
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
}
