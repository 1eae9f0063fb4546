using System.Diagnostics.CodeAnalysis;

namespace Wopr.Templating;

/// <summary>What came of rendering: the whole text, or what went wrong. There is no half-rendered text.</summary>
public sealed class RenderOutcome
{
    private readonly string? _text;

    private RenderOutcome(string? text, IReadOnlyList<TemplateError> errors) => (_text, Errors) = (text, errors);

    /// <summary>Empty where there is a text.</summary>
    public IReadOnlyList<TemplateError> Errors { get; }

    /// <summary>Gives the text, or the errors. At least one error comes with <c>false</c>.</summary>
    public bool IsSuccess([NotNullWhen(true)] out string? text, out IReadOnlyList<TemplateError> errors)
    {
        (text, errors) = (_text, Errors);
        return text is not null;
    }

    public static RenderOutcome Success(string text) => new(text, []);

    public static RenderOutcome Failure(params IReadOnlyList<TemplateError> errors) => new(null, errors);
}
