namespace Wopr.Templating;

/// <summary>Where in which template something stands; line and column count from 1.</summary>
internal readonly record struct Place(string Path, int Line, int Column)
{
    public TemplateError Error(string message) => new(Path, Line, Column, message);
}
