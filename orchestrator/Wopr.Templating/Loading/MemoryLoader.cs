using System.Diagnostics.CodeAnalysis;

namespace Wopr.Templating.Loading;

/// <summary>Templates that are held in memory: for tests, and for texts that are made rather than kept.</summary>
public sealed class MemoryLoader(IReadOnlyDictionary<string, string> texts) : IIncludeLoader
{
    /// <inheritdoc/>
    public bool TryLoad(string name, [NotNullWhen(true)] out string? text, [NotNullWhen(false)] out string? problem)
    {
        problem = texts.TryGetValue(name, out text) ? null : "there is no such template";
        return problem is null;
    }
}
