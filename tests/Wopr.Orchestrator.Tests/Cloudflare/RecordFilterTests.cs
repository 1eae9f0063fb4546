using Wopr.Cloudflare;

namespace Wopr.Orchestrator.Tests.Cloudflare;

public sealed class RecordFilterTests
{
    [Fact]
    public void One_name_is_asked_for_exactly() => For("b.example.com").ShouldBe(["name.exact=b.example.com"]);

    [Fact]
    public void A_host_and_its_wildcard_are_one_call() => For("b.example.com", "*.b.example.com").ShouldBe(["name.endswith=b.example.com"]);

    [Fact]
    public void Every_host_has_its_own() =>
        For("b.example.com", "ab.example.com", "*.b.example.com").ShouldBe(["name.endswith=b.example.com", "name.exact=ab.example.com"]);

    [Fact]
    public void The_whole_zone_is_never_fetched() =>
        For("example.com", "*.example.com").ShouldBe(["name.exact=example.com", "name.exact=*.example.com"]);

    [Fact]
    public void No_names_are_no_call() => For().ShouldBeEmpty();

    private static IReadOnlyList<string> For(params string[] names) => [.. RecordFilter.For(names, "example.com").Select(Uri.UnescapeDataString)];
}
