namespace Wopr.Templating;

/// <summary>
/// Carries an error up through the recursion of parser and renderer. It never leaves the library:
/// the public methods turn it into an outcome.
/// </summary>
internal sealed class TemplateFault(TemplateError error) : Exception(error.Message)
{
    public TemplateFault(Place place, string message)
        : this(place.Error(message))
    {
    }

    public TemplateError Error { get; } = error;
}
