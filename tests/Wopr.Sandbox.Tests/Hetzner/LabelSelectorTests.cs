using Wopr.Sandbox.Hetzner;

namespace Wopr.Sandbox.Tests.Hetzner;

public sealed class LabelSelectorTests
{
    private static readonly Dictionary<string, string> Given = new(StringComparer.Ordinal)
    {
        ["env"] = "prod",
        ["wopr/job"] = "42",
        ["bare"] = "",
    };

    [Theory]
    [InlineData("", true)]
    [InlineData("env==prod", true)]
    [InlineData("env=prod", true)]
    [InlineData("env = prod", true)]
    [InlineData("env==test", false)]
    [InlineData("env!=test", true)]
    [InlineData("env!=prod", false)]
    [InlineData("missing!=x", true)]
    [InlineData("env", true)]
    [InlineData("missing", false)]
    [InlineData("!missing", true)]
    [InlineData("!env", false)]
    [InlineData("bare", true)]
    [InlineData("bare=", true)]
    [InlineData("env in (test, prod)", true)]
    [InlineData("env in (test)", false)]
    [InlineData("env notin (test,stage)", true)]
    [InlineData("missing notin (a)", true)]
    [InlineData("missing in (a)", false)]
    [InlineData("wopr/job==42,env in (prod,test),!missing", true)]
    [InlineData("wopr/job==42,env in (test,stage)", false)]
    public void A_selector_selects(string selector, bool expected) =>
        LabelSelector.Parse(selector).ShouldNotBeNull().Matches(Given).ShouldBe(expected);

    [Theory]
    [InlineData("a==b==c")]
    [InlineData("a,,b")]
    [InlineData(",a")]
    [InlineData("a in ()")]
    [InlineData("a in (b")]
    [InlineData("a==b c")]
    [InlineData("a@b")]
    [InlineData("a=x@y")]
    [InlineData("!")]
    public void What_is_no_selector_is_refused(string selector) => LabelSelector.Parse(selector).ShouldBeNull();
}
