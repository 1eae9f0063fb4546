using System.Diagnostics.CodeAnalysis;

namespace Wopr.Templating;

/// <summary>What came of reading a template: the template, or what is wrong with it.</summary>
public sealed class ParseOutcome
{
    private readonly Template? _template;

    private ParseOutcome(Template? template, IReadOnlyList<TemplateError> errors) => (_template, Errors) = (template, errors);

    /// <summary>Empty where there is a template.</summary>
    public IReadOnlyList<TemplateError> Errors { get; }

    /// <summary>Gives the template, or says by <c>false</c> that there are <see cref="Errors"/>.</summary>
    public bool IsSuccess([NotNullWhen(true)] out Template? template)
    {
        template = _template;
        return template is not null;
    }

    internal static ParseOutcome Success(Template template) => new(template, []);

    internal static ParseOutcome Failure(params IReadOnlyList<TemplateError> errors) => new(null, errors);
}
