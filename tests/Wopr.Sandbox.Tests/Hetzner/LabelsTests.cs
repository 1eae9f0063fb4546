using Wopr.Sandbox.Hetzner;

namespace Wopr.Sandbox.Tests.Hetzner;

public sealed class LabelsTests
{
    [Theory]
    [InlineData("a", true)]
    [InlineData("A.b_c-9", true)]
    [InlineData("wopr.example/job", true)]
    [InlineData("", false)]
    [InlineData("-a", false)]
    [InlineData("a-", false)]
    [InlineData("/a", false)]
    [InlineData("a/", false)]
    [InlineData("a/b/c", false)]
    [InlineData("hetzner.cloud/a", false)]
    [InlineData("ключ", false)]
    [InlineData("a\n", false)]
    public void Keys(string key, bool good) => Labels.IsKey(key).ShouldBe(good);

    [Theory]
    [InlineData("", true)]
    [InlineData("x", true)]
    [InlineData("2026-10-01T12.00", true)]
    [InlineData("a@b", false)]
    [InlineData("a:b", false)]
    [InlineData("a/b", false)]
    [InlineData("a b", false)]
    [InlineData("ü", false)]
    [InlineData(".a", false)]
    [InlineData("a\n", false)]
    public void Values(string value, bool good) => Labels.IsValue(value).ShouldBe(good);

    [Fact]
    public void Lengths()
    {
        Labels.IsKey(new string('k', 63)).ShouldBeTrue();
        Labels.IsKey(new string('k', 64)).ShouldBeFalse();
        Labels.IsKey(new string('p', 253) + "/k").ShouldBeTrue();
        Labels.IsKey(new string('p', 254) + "/k").ShouldBeFalse();
        Labels.IsValue(new string('v', 63)).ShouldBeTrue();
        Labels.IsValue(new string('v', 64)).ShouldBeFalse();
    }
}
