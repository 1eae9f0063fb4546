namespace Wopr.Templating.Output;

/// <summary>What a rendered text is read as.</summary>
public enum OutputKind
{
    /// <summary>A mail, a page of documentation: anything people read.</summary>
    Text,

    /// <summary>YAML, in which a tab is an error wherever it indents.</summary>
    Yaml,

    /// <summary>A script for a POSIX shell.</summary>
    Shell,

    /// <summary>HTML.</summary>
    Html,
}

/// <summary>Bounds that some readers set.</summary>
public sealed record OutputLimits
{
    /// <summary>Nothing beyond U+007E, and no control characters but the line end and, where allowed, the tab.</summary>
    public bool AsciiOnly { get; init; }

    /// <summary>The most bytes the text may have as UTF-8; null for no bound.</summary>
    public int? MaximumBytes { get; init; }
}
