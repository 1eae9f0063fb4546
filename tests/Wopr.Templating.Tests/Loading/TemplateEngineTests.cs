using System.Diagnostics.CodeAnalysis;
using Wopr.Templating.Loading;
using Wopr.Templating.Output;

namespace Wopr.Templating.Tests.Loading;

public sealed class TemplateEngineTests
{
    [Fact]
    public void Errors_in_an_include_carry_its_own_name()
    {
        var engine = Engine(("main", "{{ include 'part' }}"), ("part", "a\n{{ missing }}"));

        engine.Render("main", new { }).Error().ShouldBe("part(2,4): nothing is named `missing`");
    }

    [Fact]
    public void Everything_wrong_with_a_template_and_its_includes_shows_before_it_is_rendered()
    {
        var engine = Engine(("main", "{{ if false }}{{ include 'bad' }}{{ include 'gone' }}{{ end }}"), ("bad", "{{ 1 + }}"));

        engine.Check("main").Select(error => error.ToString()).ShouldBe(
        [
            "bad(1,8): `}}` stands where a value was expected",
            "main(1,37): `gone`: there is no such template",
        ]);
    }

    [Fact]
    public void An_include_may_not_lead_back_to_itself()
    {
        var engine = Engine(("a", "{{ include 'b' }}"), ("b", "\n{{ include 'c' }}"), ("c", "{{ include 'a' }}"));

        engine.Render("a", new { }).Error().ShouldBe("c(1,4): includes go in a circle: a -> b -> c -> a");
    }

    [Fact]
    public void A_template_that_is_not_there_is_an_error() =>
        Engine().Render("none", new { }).Error().ShouldBe("none(1,1): `none`: there is no such template");

    [Fact]
    public void Includes_in_many_places_are_read_once_each()
    {
        var loader = new CountingLoader(name => name.Length < 20 ? $"{{{{ include '{name}x' }}}}{{{{ include '{name}x' }}}}" : "");
        var engine = new TemplateEngine(loader, new TemplateLimits { Iterations = 1000 });

        engine.Check("x").ShouldBeEmpty();
        engine.Check("x").ShouldBeEmpty();

        loader.Loads.ShouldBe(20);
        engine.Render("x", new { }).Error().ShouldContain("more than 1000 loop turns and includes");
    }

    [Fact]
    public void A_rendering_can_pass_the_guard_at_once()
    {
        var engine = Engine(("main", "a: {{ value }}\n"));

        engine.Render("main", new { Value = 1 }, OutputKind.Yaml).Text().ShouldBe("a: 1\n");
        engine.Render("main", new { Value = "\t" }, OutputKind.Yaml).Error().ShouldStartWith("main(1,4): output: a tab");
    }

    [Theory]
    [InlineData("a.txt", "a")]
    [InlineData("sub/b.txt", "b")]
    public void A_folder_gives_what_lies_in_it(string name, string expected)
    {
        using var folder = new Folder();
        new FolderLoader(folder.Templates).TryLoad(name, out var text, out _).ShouldBeTrue();
        text.ShouldBe(expected);
    }

    [Theory]
    [InlineData("../secret.txt")]
    [InlineData("sub/../../secret.txt")]
    [InlineData("/etc/passwd")]
    [InlineData("sub//b.txt")]
    [InlineData("./a.txt")]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("sub\\b.txt")]
    [InlineData("link.txt")]
    [InlineData("linked/b.txt")]
    [InlineData("sub")]
    [InlineData("missing.txt")]
    [InlineData("latin1.txt")]
    public void A_folder_gives_nothing_else(string name)
    {
        using var folder = new Folder();
        new FolderLoader(folder.Templates).TryLoad(name, out var text, out var problem).ShouldBeFalse();
        text.ShouldBeNull();
        problem.ShouldNotBeNullOrEmpty();
    }

    private static TemplateEngine Engine(params (string Name, string Text)[] templates) =>
        new(new MemoryLoader(templates.ToDictionary(template => template.Name, template => template.Text)));

    private sealed class CountingLoader(Func<string, string> textOf) : IIncludeLoader
    {
        public int Loads { get; private set; }

        public bool TryLoad(string name, [NotNullWhen(true)] out string? text, [NotNullWhen(false)] out string? problem)
        {
            Loads++;
            (text, problem) = (textOf(name), null);
            return true;
        }
    }

    private sealed class Folder : IDisposable
    {
        private readonly string _root = Directory.CreateTempSubdirectory("wopr-templates-").FullName;

        public Folder()
        {
            Directory.CreateDirectory(Path.Combine(Templates, "sub"));
            File.WriteAllText(Path.Combine(_root, "secret.txt"), "secret");
            File.WriteAllText(Path.Combine(Templates, "a.txt"), "a");
            File.WriteAllText(Path.Combine(Templates, "sub", "b.txt"), "b");
            File.WriteAllBytes(Path.Combine(Templates, "latin1.txt"), [0xE9]);
            File.CreateSymbolicLink(Path.Combine(Templates, "link.txt"), Path.Combine(_root, "secret.txt"));
            Directory.CreateSymbolicLink(Path.Combine(Templates, "linked"), Path.Combine(Templates, "sub"));
        }

        public string Templates => Path.Combine(_root, "templates");

        public void Dispose() => Directory.Delete(_root, recursive: true);
    }
}
