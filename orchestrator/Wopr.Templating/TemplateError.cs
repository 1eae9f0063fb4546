namespace Wopr.Templating;

/// <summary>One thing that is wrong with a template, its model or its output.</summary>
/// <param name="Path">The template's name, as it was asked for or included.</param>
/// <param name="Line">Counted from 1.</param>
/// <param name="Column">Counted from 1, in UTF-16 code units.</param>
/// <param name="Message">What is wrong, in words for whoever wrote the template. It may quote the template, never the model.</param>
public sealed record TemplateError(string Path, int Line, int Column, string Message)
{
    /// <summary><c>path(line,column): message</c>, the form editors turn into a link.</summary>
    public override string ToString() => $"{Path}({Line},{Column}): {Message}";
}
