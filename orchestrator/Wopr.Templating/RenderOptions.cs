namespace Wopr.Templating;

/// <summary>What a rendering may use, and how far it may go.</summary>
public sealed record RenderOptions
{
    /// <summary>The templates that may be included, by the name written in the include.</summary>
    public IReadOnlyDictionary<string, Template> Includes { get; init; } = new Dictionary<string, Template>();

    /// <summary>Bounds on the work and the output.</summary>
    public TemplateLimits Limits { get; init; } = new();
}
