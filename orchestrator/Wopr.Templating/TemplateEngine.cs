using System.Collections.Concurrent;
using Wopr.Templating.Loading;
using Wopr.Templating.Output;

namespace Wopr.Templating;

/// <summary>
/// Renders templates by name, with their includes. A template is read once and kept, so that all renderings of
/// one process agree; all members may be called by many threads at once.
/// </summary>
public sealed class TemplateEngine(IIncludeLoader loader, TemplateLimits? limits = null) : ITemplateEngine
{
    private readonly IIncludeLoader _loader = loader;
    private readonly TemplateLimits _limits = limits ?? new TemplateLimits();
    private readonly ConcurrentDictionary<string, LoadedTemplate> _loaded = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public RenderOutcome Render(string name, object model)
    {
        var loaded = Load(name);
        return loaded.Outcome.IsSuccess(out var template)
            ? template.Render(model, new RenderOptions { Includes = loaded.Includes, Limits = _limits })
            : RenderOutcome.Failure(loaded.Outcome.Errors);
    }

    /// <inheritdoc/>
    public RenderOutcome Render(string name, object model, OutputKind kind, OutputLimits? outputLimits = null)
    {
        var outcome = Render(name, model);
        return outcome.IsSuccess(out var text, out _) ? OutputGuard.Check(text, kind, name, outputLimits) : outcome;
    }

    /// <summary>Reads a template and all it includes without rendering it: for checks at start.</summary>
    /// <returns>Every error of the template and of what it includes; empty where all is well.</returns>
    public IReadOnlyList<TemplateError> Check(string name) => Load(name).Outcome.Errors;

    private LoadedTemplate Load(string name) =>
        _loaded.GetOrAdd(name, static (wanted, engine) => new TemplateGatherer(engine._loader, engine._limits).Gather(wanted), this);
}
