using System.Diagnostics.CodeAnalysis;

namespace Wopr.Templating.Loading;

/// <summary>Finds the text of a template by its name.</summary>
public interface IIncludeLoader
{
    /// <summary>Gives the text, or says why there is none.</summary>
    /// <param name="name">A relative path with <c>/</c>, as written in an include or asked of the engine.</param>
    /// <param name="text">The whole template.</param>
    /// <param name="problem">What is wrong, in words that fit behind the name.</param>
    bool TryLoad(string name, [NotNullWhen(true)] out string? text, [NotNullWhen(false)] out string? problem);
}
