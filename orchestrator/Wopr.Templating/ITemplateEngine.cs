using Wopr.Templating.Output;

namespace Wopr.Templating;

/// <summary>Renders templates by name, with their includes: the same bytes, whoever does it.</summary>
public interface ITemplateEngine
{
    /// <summary>Renders a template with a model.</summary>
    /// <param name="name">The template's name, as the loader knows it: <c>cloud-init/user-data.yaml</c>.</param>
    /// <param name="model">A dictionary by name, or an object whose public properties are named in snake_case.</param>
    RenderOutcome Render(string name, object model);

    /// <summary>Renders a template and lets the text pass <see cref="OutputGuard"/>.</summary>
    RenderOutcome Render(string name, object model, OutputKind kind, OutputLimits? outputLimits = null);
}
