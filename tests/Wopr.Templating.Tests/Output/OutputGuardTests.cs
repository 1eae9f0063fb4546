using Wopr.Templating.Output;

namespace Wopr.Templating.Tests.Output;

public sealed class OutputGuardTests
{
    [Theory]
    [InlineData("a: 1\n", OutputKind.Yaml)]
    [InlineData("", OutputKind.Text)]
    [InlineData("\tindented\n", OutputKind.Shell)]
    [InlineData("x=${a:-${b}}\n", OutputKind.Shell)]
    [InlineData("  - echo ${a:-${b:-${c}}}\n", OutputKind.Yaml)]
    [InlineData("{\"a\":{\"b\":{}}}", OutputKind.Text)]
    [InlineData("h\u00e9 \U0001F600", OutputKind.Html)]
    public void What_is_fit_comes_back_as_it_was(string text, OutputKind kind) =>
        OutputGuard.Check(text, kind, "t").Text().ShouldBeSameAs(text);

    [Theory]
    [InlineData("a\r\nb", OutputKind.Text, "t(1,2): output: a CR: line ends are LF")]
    [InlineData("a\n\r", OutputKind.Html, "t(2,1): output: a CR: line ends are LF")]
    [InlineData("a\0", OutputKind.Shell, "t(1,2): output: a NUL")]
    [InlineData("a:\n\tb: 1", OutputKind.Yaml, "t(2,1): output: a tab, which YAML takes for an error")]
    [InlineData("a\nb {{ name }}", OutputKind.Text, "t(2,3): output: `{{`, which nobody rendered")]
    [InlineData("a { name }}", OutputKind.Text, "t(1,11): output: `}}` without its opening braces")]
    [InlineData("}}", OutputKind.Html, "t(1,2): output: `}}` without its opening braces")]
    public void What_is_not_is_named_with_its_place(string text, OutputKind kind, string expected) =>
        OutputGuard.Check(text, kind, "t").Error().ShouldBe(expected);

    [Theory]
    [InlineData("a\u00e9", "t(1,2): output: U+00E9, where only printable ASCII may stand")]
    [InlineData("a\u0007", "t(1,2): output: U+0007, where only printable ASCII may stand")]
    [InlineData("\u007f", "t(1,1): output: U+007F, where only printable ASCII may stand")]
    public void Ascii_can_be_demanded(string text, string expected)
    {
        OutputGuard.Check(text, OutputKind.Shell, "t").Text().ShouldBe(text);
        OutputGuard.Check(text, OutputKind.Shell, "t", new OutputLimits { AsciiOnly = true }).Error().ShouldBe(expected);
    }

    [Fact]
    public void A_size_can_be_demanded_and_is_counted_in_bytes()
    {
        var limits = new OutputLimits { MaximumBytes = 4 };

        OutputGuard.Check("\u00e9\u00e9", OutputKind.Text, "t", limits).Text().Length.ShouldBe(2);
        OutputGuard.Check("\u00e9\u00e9a", OutputKind.Text, "t", limits).Error().ShouldBe("t(1,1): the output has 5 bytes, 1 more than its reader takes");
    }

    [Fact]
    public void Every_trouble_is_named_up_to_twenty()
    {
        var outcome = OutputGuard.Check(string.Concat(Enumerable.Repeat("\t\n", 30)), OutputKind.Yaml, "t");

        outcome.Errors.Count.ShouldBe(20);
        outcome.Errors[19].Line.ShouldBe(20);
    }
}
