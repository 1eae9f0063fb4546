using Wopr.Templating.Loading;

namespace Wopr.Templating.Tests.Language;

public sealed class LimitTests
{
    private static readonly TemplateLimits _tight = new() { Iterations = 10, OutputLength = 50, IncludeDepth = 3 };

    [Theory]
    [InlineData("{{ for a in 1..6 }}{{ for b in 1..6 }}{{ end }}{{ end }}", "more than 10 loop turns and includes")]
    [InlineData("{{ for a in 1..11 }}{{ end }}", "the range is longer than 10")]
    [InlineData("{{ include 'e' }}{{ include 'e' }}{{ for a in 1..9 }}{{ end }}", "more than 10 loop turns and includes")]
    [InlineData("{{ for a in 1..6 }}0123456789{{ end }}", "the output grows beyond 50 characters")]
    [InlineData("{{ x = '0123456789' }}{{ for a in 1..6 }}{{ x = x + x }}{{ end }}", "the text grows beyond 50 characters")]
    [InlineData("{{ x = '0123456789' }}{{ x = x | string.replace '' 'x' }}", "there is nothing in an empty string to look for")]
    [InlineData("{{ x = '0123456789' }}{{ for a in 1..9 }}{{ x = x | string.replace '1' '11111111' }}{{ end }}", "the result would be too long")]
    [InlineData("{{ x = ['0123456789'] }}{{ for a in 1..5 }}{{ x = x | array.concat x }}{{ end }}", "the list grows beyond 10 items")]
    [InlineData("{{ [1,2,3,4,5,6] | array.join '0123456789' }}", "the result would be too long")]
    [InlineData("{{ 'a' | string.pad_left 2000 }}", "a width lies between 0 and 1000")]
    [InlineData("{{ 1 | math.format 'D999999' }}", "the pattern is made of 0, #, dot and comma")]
    [InlineData("{{ include 'one' }}", "includes nest deeper than 3")]
    public void No_template_runs_on(string template, string expected) => ErrorOf(template).ShouldContain(expected);

    [Theory]
    [InlineData("(", ")")]
    [InlineData("[", "]")]
    [InlineData("!", "")]
    [InlineData("-(", ")")]
    [InlineData("1 + (", ")")]
    [InlineData("true ? 1 : ", "")]
    [InlineData("json(", ")")]
    public void No_template_exhausts_the_stack_with_expressions(string open, string close)
    {
        var template = $"{{{{ {Repeat(open)}1{Repeat(close)} }}}}";

        ErrorOf(template).ShouldContain("nest deeper than 100");
    }

    [Theory]
    [InlineData("{{ if true }}", "{{ end }}")]
    [InlineData("{{ for x in 1..2 }}", "{{ end }}")]
    [InlineData("{{ if false }}{{ else if true }}", "")]
    [InlineData("{{ if true }}{{ if false }}{{ else }}", "{{ end }}{{ end }}")]
    public void No_template_exhausts_the_stack_with_blocks(string open, string close) =>
        ErrorOf(Repeat(open) + Repeat(close)).ShouldContain("nest deeper than 100");

    [Fact]
    public void Long_chains_are_no_nesting()
    {
        var sum = string.Join(" + ", Enumerable.Repeat("1", 500));
        var chain = string.Concat(Enumerable.Repeat(" | string.append 'x'", 500));

        Template.Parse($"{{{{ {sum} }}}}", "t").Rendered(new { }).ShouldBe("500");
        Template.Parse($"{{{{ ''{chain} }}}}", "t").Rendered(new { }).Length.ShouldBe(500);
    }

    [Fact]
    public void A_model_that_holds_itself_is_an_error_not_a_crash()
    {
        var model = new Dictionary<string, object?>();
        model["self"] = model;

        Template.Parse("{{ self.self.self | json }}", "t").IsSuccess(out var template);

        template!.Render(model).Error().ShouldBe("t(1,21): `json`: the value nests deeper than 32");
    }

    private static string Repeat(string text) => string.Concat(Enumerable.Repeat(text, 5000));

    private static string ErrorOf(string template) =>
        new TemplateEngine(
            new MemoryLoader(new Dictionary<string, string>
            {
                ["main"] = template,
                ["e"] = "",
                ["one"] = "{{ include 'two' }}",
                ["two"] = "{{ include 'three' }}",
                ["three"] = "{{ include 'four' }}",
                ["four"] = "{{ include 'e' }}",
            }),
            _tight).Render("main", new { }).Error();
}
