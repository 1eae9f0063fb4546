using Wopr.Templating.Parsing;
using Wopr.Templating.Rendering;
using Wopr.Templating.Syntax;

namespace Wopr.Templating;

/// <summary>A template that has been read and understood. It is immutable and may be rendered by many threads at once.</summary>
public sealed class Template
{
    private Template(string path, Block body, IReadOnlyList<Include> includes) => (Path, Body, Includes) = (path, body, includes);

    /// <summary>The name it was read under; errors carry it.</summary>
    public string Path { get; }

    internal Block Body { get; }

    /// <summary>Every include in the text, taken or not.</summary>
    internal IReadOnlyList<Include> Includes { get; }

    /// <summary>Reads a template. What it includes is not read: see <see cref="TemplateEngine"/>.</summary>
    /// <param name="text">The template, with LF line ends.</param>
    /// <param name="path">The name that errors carry.</param>
    public static ParseOutcome Parse(string text, string path)
    {
        try
        {
            var parser = new Parser(new TextLexer(text, path).Read());
            var body = parser.Parse();
            return ParseOutcome.Success(new Template(path, body, parser.Includes));
        }
        catch (TemplateFault fault)
        {
            return ParseOutcome.Failure(fault.Error);
        }
    }

    /// <summary>Renders with a model: a dictionary by name, or an object whose public properties are named in snake_case.</summary>
    public RenderOutcome Render(object model, RenderOptions? options = null)
    {
        try
        {
            return RenderOutcome.Success(new Renderer(this, model, options ?? new RenderOptions()).Render());
        }
        catch (TemplateFault fault)
        {
            return RenderOutcome.Failure(fault.Error);
        }
    }
}
