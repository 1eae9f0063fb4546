namespace Wopr.Templating.Functions;

/// <summary>Something templates can call.</summary>
/// <param name="Name">As templates write it.</param>
/// <param name="Required">How many arguments there must be, the value before a pipe among them.</param>
/// <param name="Maximum">How many there may be.</param>
/// <param name="Invoke">What it does; a failure is a <see cref="TemplateFault"/> at the call.</param>
internal sealed record Function(string Name, int Required, int Maximum, Func<Arguments, object?> Invoke)
{
    /// <summary>The number of arguments in words.</summary>
    public string Arity => Required == Maximum ? Count(Required) : $"{Required} to {Count(Maximum)}";

    private static string Count(int number) => number == 1 ? "1 argument" : $"{number} arguments";
}
