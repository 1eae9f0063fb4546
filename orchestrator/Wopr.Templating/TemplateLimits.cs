namespace Wopr.Templating;

/// <summary>Bounds that keep a template from running on, whatever its model holds.</summary>
public sealed record TemplateLimits
{
    /// <summary>Loop turns and includes in one rendering, all together.</summary>
    public int Iterations { get; init; } = 100_000;

    /// <summary>UTF-16 code units that a rendering, or any one string in it, must stay below: 1 MiB, where Scriban starts to cut.</summary>
    public int OutputLength { get; init; } = 1_048_576;

    /// <summary>How deep includes may nest.</summary>
    public int IncludeDepth { get; init; } = 32;
}
