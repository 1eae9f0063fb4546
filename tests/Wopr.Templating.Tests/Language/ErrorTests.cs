using Wopr.Templating.Loading;

namespace Wopr.Templating.Tests.Language;

public sealed class ErrorTests
{
    [Theory]
    [InlineData("a\n{{ missing }}", "main(2,4): nothing is named `missing`")]
    [InlineData("{{ owner.last_name }}", "main(1,10): an object here has no member `last_name`")]
    [InlineData("{{ ports['ftp'] }}", "main(1,10): the object has no member of this name")]
    [InlineData("{{ letters[3] }}", "main(1,12): the list has 3 items, and no item 3")]
    [InlineData("{{ nothing.x }}", "main(1,12): what should have `x` is null")]
    [InlineData("{{ name | string.shout }}", "main(1,11): there is no function `string.shout`")]
    [InlineData("{{ name | shout }}", "main(1,11): there is no function `shout`")]
    [InlineData("{{ missing ?? 'x' }}", "main(1,4): nothing is named `missing`")]
    [InlineData("{{ if missing }}{{ end }}", "main(1,7): nothing is named `missing`")]
    [InlineData("{{ for x in nothing }}{{ end }}", "main(1,13): a loop goes over a list, not over null")]
    [InlineData("{{ for x in name }}{{ end }}", "main(1,13): a loop goes over a list, not over a string")]
    [InlineData("{{ for x in letters }}{{ end }}{{ x }}", "main(1,35): nothing is named `x`")]
    [InlineData("{{ for.index }}", "main(1,4): `for.index` stands in no loop")]
    [InlineData("{{ letters }}", "main(1,4): a list has no text: join it, or loop over it")]
    [InlineData("{{ owner }}", "main(1,4): an object has no text: name a member of it")]
    [InlineData("{{ 1 + null }}", "main(1,6): `+` does not fit a number and null")]
    [InlineData("{{ 1 < 'a' }}", "main(1,6): `<` does not fit a number and a string")]
    [InlineData("{{ 'a' * 3 }}", "main(1,8): `*` does not fit a string and a number")]
    [InlineData("{{ 1 // 0 }}", "main(1,6): this divides by zero")]
    [InlineData("{{ 1 / 0 }}", "main(1,6): this divides by zero or is too large")]
    [InlineData("{{ 9223372036854775807 + 1 }}", "main(1,24): the number is too large")]
    [InlineData("{{ 1 | string.slice }}", "main(1,8): `string.slice` takes 2 to 3 arguments, the value before a pipe among them, not 1")]
    [InlineData("{{ 'a' | string.slice 'b' }}", "main(1,10): `string.slice`: argument 2 must be a whole number")]
    [InlineData("{{ modules | array.sort }}", "main(1,14): `array.sort`: only strings, or only numbers of one kind, are put in order")]
    public void Names_the_place_and_the_trouble(string template, string expected) => ErrorOf(template).ShouldBe(expected);

    [Theory]
    [InlineData("{{ name", "main(1,1): this code is never closed with `}}`")]
    [InlineData("a\n  {{ 'x }}", "main(2,6): this string is never closed with '")]
    [InlineData("{%{ x", "main(1,1): this escaped text is never closed with `}%}`")]
    [InlineData("{{ if yes }}", "main(1,4): this `if` is never closed with `end`")]
    [InlineData("\n\n{{ for x in letters }}", "main(3,4): this `for` is never closed with `end`")]
    [InlineData("{{ end }}", "main(1,4): this `end` belongs to no `if` or `for`")]
    [InlineData("{{ else }}", "main(1,4): this `else` belongs to no `if` or `for`")]
    [InlineData("{{ if yes }}{{ else }}{{ else }}{{ end }}", "main(1,26): the `if` of line 1 has an `else` already")]
    [InlineData("{{ break }}", "main(1,4): `break` stands in no loop of this template")]
    [InlineData("{{ for x of letters }}{{ end }}", "main(1,10): `of` stands where `in` was expected")]
    [InlineData("{{ 1 + }}", "main(1,8): `}}` stands where a value was expected")]
    [InlineData("{{ (1 }}", "main(1,7): `}}` stands where `)` was expected")]
    [InlineData("{{ name name }}", "main(1,9): `name` stands where the end of the statement was expected")]
    [InlineData("{{ name\n+ 1 }}", "main(2,1): `+` stands where a value was expected")]
    [InlineData("{{ '\\q' }}", "main(1,5): a backslash stands before one of 0 ' \" \\ b f n r t v uXXXX xXX or a line end")]
    [InlineData("{{ 1_000 }}", "main(1,4): numbers are written plainly: `12`, `1.5`, whole ones below 2^63")]
    [InlineData("{{ § }}", "main(1,4): the letter U+00A7 has no meaning in code")]
    [InlineData("a\r\n", "main(1,2): a template holds no CR, no NUL and no byte-order mark: line ends are LF")]
    [InlineData("{{ include name }}", "main(1,4): `include` takes the name of a template, written out: `include 'folder/name'`")]
    public void Refuses_what_is_not_well_formed(string template, string expected) => ErrorOf(template).ShouldBe(expected);

    [Theory]
    [InlineData("{{ while yes }}{{ end }}")]
    [InlineData("{{ capture x }}{{ end }}")]
    [InlineData("{{ case 1 }}{{ when 1 }}{{ end }}")]
    [InlineData("{{ func f }}{{ end }}")]
    [InlineData("{{ with owner }}{{ end }}")]
    [InlineData("{{ import owner }}")]
    [InlineData("{{ this }}")]
    [InlineData("{{ $x = 1 }}")]
    [InlineData("{{ x = {} }}")]
    [InlineData("{{ $'{name}' }}")]
    [InlineData("{{ count += 1 }}")]
    [InlineData("{{ count++ }}")]
    [InlineData("{{ owner.age = 1 }}")]
    [InlineData("{{ 0x10 }}")]
    [InlineData("{{ 1e3 }}")]
    [InlineData("{{ 1.5m }}")]
    [InlineData("{{ date.now }}")]
    [InlineData("{{ name | @string.upcase }}")]
    [InlineData("{{ name |> string.upcase }}")]
    [InlineData("{{ string.slice name start: 1 }}")]
    [InlineData("{{ for x in letters limit: 1 }}{{ end }}")]
    [InlineData("{{ name ?! 'x' }}")]
    [InlineData("{{ name.empty? }}")]
    [InlineData("{{ json = 1 }}")]
    [InlineData("{{ string = 1 }}")]
    [InlineData("{{ for json in letters }}{{ end }}")]
    [InlineData("{{ string.upcase }}")]
    [InlineData("{{ string }}")]
    [InlineData("{{ name[0] }}")]
    [InlineData("{{ string.append name 'a' + 'b' }}")]
    [InlineData("{{ name | string.size + 1 }}")]
    [InlineData("{{ yes ? -1 : 2 }}")]
    [InlineData("{{ yes ? 'a' : 'b' | string.upcase }}")]
    [InlineData("{{ letters [0] }}")]
    [InlineData("{{ letters[string.size(name)] }}")]
    [InlineData("{{ for x in array.sort letters }}{{ end }}")]
    public void Refuses_what_is_no_part_of_the_subset(string template) => ErrorOf(template).ShouldStartWith("main(1,");

    [Theory]
    [InlineData("json")]
    [InlineData("string")]
    [InlineData("if")]
    [InlineData("include")]
    public void A_model_may_not_hide_a_word_of_the_language(string word) =>
        Render("x", new Dictionary<string, object?> { [word] = 1 }).Error().ShouldBe($"main(1,1): the model's `{word}` would hide a word of the language");

    [Fact]
    public void A_model_holds_only_values_that_print_in_one_way_only()
    {
        object[] strangers = [Guid.Empty, DateTimeOffset.UnixEpoch, TimeSpan.Zero, DayOfWeek.Friday, 'c', 1f, 1u, (short)1, (byte)1, double.NaN, new Uri("http://localhost"), (1, 2), new[] { 1 }.Where(_ => true), () => 1];

        foreach (var stranger in strangers)
            Render("{{ value }}", new { Value = stranger }).Error().ShouldStartWith("main(1,4): a value of type ");
    }

    [Theory]
    [InlineData("text")]
    [InlineData(5)]
    public void A_model_has_names(object model) =>
        Render("x", model).Error().ShouldBe("main(1,1): the model must be a dictionary or an object with properties");

    private static string ErrorOf(string template) => Render(template, LanguageCases.Model).Error();

    private static RenderOutcome Render(string template, object model) =>
        new TemplateEngine(new MemoryLoader(new Dictionary<string, string> { ["main"] = template })).Render("main", model);
}
