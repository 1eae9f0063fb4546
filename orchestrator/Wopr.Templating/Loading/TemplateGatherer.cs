namespace Wopr.Templating.Loading;

/// <summary>A template with everything it includes, directly or not.</summary>
internal sealed record LoadedTemplate(ParseOutcome Outcome, IReadOnlyDictionary<string, Template> Includes);

/// <summary>
/// Reads a template and, through its includes, all that belongs to it. That includes are named by literals lets every
/// missing file, error and cycle show before the first rendering.
/// </summary>
internal sealed class TemplateGatherer(IIncludeLoader loader, TemplateLimits limits)
{
    private readonly Dictionary<string, Template> _gathered = new(StringComparer.Ordinal);
    private readonly HashSet<string> _failed = new(StringComparer.Ordinal);
    private readonly HashSet<string> _complete = new(StringComparer.Ordinal);
    private readonly List<TemplateError> _errors = [];

    public LoadedTemplate Gather(string name)
    {
        Visit(name, new Place(name, 1, 1), []);
        return _errors.Count == 0
            ? new LoadedTemplate(ParseOutcome.Success(_gathered[name]), _gathered)
            : new LoadedTemplate(ParseOutcome.Failure(_errors), _gathered);
    }

    private void Visit(string name, Place from, IReadOnlyList<string> above)
    {
        if (_complete.Contains(name))
            return;

        if (above.Contains(name, StringComparer.Ordinal))
            _errors.Add(from.Error($"includes go in a circle: {string.Join(" -> ", above.Append(name))}"));
        else if (above.Count > limits.IncludeDepth)
            _errors.Add(from.Error($"includes nest deeper than {limits.IncludeDepth}"));
        else if (Read(name, from) is { } template)
            VisitIncludes(template, [.. above, name]);

        _complete.Add(name);
    }

    private void VisitIncludes(Template template, IReadOnlyList<string> above)
    {
        foreach (var include in template.Includes)
        {
            Visit(include.Name, include.Place, above);
            if (_errors.Count >= MaximumErrors)
                return;
        }
    }

    private Template? Read(string name, Place from)
    {
        if (_gathered.TryGetValue(name, out var known))
            return known;
        if (!_failed.Add(name))
            return null;

        if (!loader.TryLoad(name, out var text, out var problem))
        {
            _errors.Add(from.Error($"`{name}`: {problem}"));
            return null;
        }

        var outcome = Template.Parse(text, name);
        _errors.AddRange(outcome.Errors);
        if (outcome.IsSuccess(out var template))
        {
            _failed.Remove(name);
            _gathered.Add(name, template);
        }

        return template;
    }

    /// <summary>More would not help whoever reads them.</summary>
    private const int MaximumErrors = 20;
}
