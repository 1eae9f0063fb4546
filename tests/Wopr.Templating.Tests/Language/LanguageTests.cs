using Wopr.Templating.Loading;

namespace Wopr.Templating.Tests.Language;

public sealed class LanguageTests
{
    [Theory]
    [MemberData(nameof(LanguageCases.Values), MemberType = typeof(LanguageCases))]
    [MemberData(nameof(LanguageCases.Operators), MemberType = typeof(LanguageCases))]
    [MemberData(nameof(LanguageCases.Statements), MemberType = typeof(LanguageCases))]
    [MemberData(nameof(LanguageCases.Calls), MemberType = typeof(LanguageCases))]
    [MemberData(nameof(LayoutCases.WhiteSpace), MemberType = typeof(LayoutCases))]
    [MemberData(nameof(LayoutCases.Indent), MemberType = typeof(LayoutCases))]
    [MemberData(nameof(FunctionCases.All), MemberType = typeof(FunctionCases))]
    public void Renders(string template, string expected) => Render(template).ShouldBe(expected);

    [Fact]
    public void Objects_and_dictionaries_are_models_alike()
    {
        var fromObject = Template.Parse("{{ beacon_name }} {{ url_path }}", "t").Rendered(new { BeaconName = "b", UrlPath = "p" });
        var fromDictionary = Template.Parse("{{ beacon_name }} {{ url_path }}", "t").Rendered(new Dictionary<string, string> { ["beacon_name"] = "b", ["url_path"] = "p" });

        fromObject.ShouldBe("b p");
        fromDictionary.ShouldBe("b p");
    }

    [Theory]
    [InlineData("BeaconName", "beacon_name")]
    [InlineData("Name", "name")]
    [InlineData("CallbackURL", "callback_url")]
    [InlineData("URLPath", "urlpath")]
    [InlineData("Ipv4Address", "ipv4_address")]
    [InlineData("already_small", "already_small")]
    public void Properties_get_the_names_that_Scriban_gives_them(string property, string expected) =>
        Wopr.Templating.Values.ReflectedValue.NameOf(property).ShouldBe(expected);

    [Fact]
    public void A_template_may_be_rendered_by_many_threads_at_once()
    {
        var engine = Engine("{{ for x in letters }}{{ x }}{{ i = for.index }}{{ i }}{{ end }}{{ name }}");

        var texts = Enumerable.Range(0, 200).AsParallel().Select(number => Rendered(engine, new { Letters = new[] { "a", "b" }, Name = number }));

        texts.Order(StringComparer.Ordinal).ShouldBe(Enumerable.Range(0, 200).Select(number => $"a0b1{number}").Order(StringComparer.Ordinal));
    }

    private static string Render(string template) => Rendered(Engine(template), LanguageCases.Model);

    private static TemplateEngine Engine(string template) =>
        new(new MemoryLoader(new Dictionary<string, string>(LanguageCases.Includes) { ["main"] = template }));

    private static string Rendered(TemplateEngine engine, object model)
    {
        var outcome = engine.Render("main", model);
        return outcome.IsSuccess(out var text, out var errors) ? text : string.Join('\n', errors);
    }
}
