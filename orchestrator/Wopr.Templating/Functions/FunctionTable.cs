using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace Wopr.Templating.Functions;

/// <summary>Every function that templates can call. What is Scriban's own behaves as Scriban's does.</summary>
internal static class FunctionTable
{
    private static readonly FrozenDictionary<string, Function> _functions = new[]
    {
        QuotingFunctions.All,
        StringFunctions.All,
        ArrayFunctions.All,
        ValueFunctions.All,
    }.SelectMany(group => group).ToFrozenDictionary(function => function.Name, StringComparer.Ordinal);

    private static readonly FrozenSet<string> _names =
        _functions.Keys.Select(name => name.Split('.')[0]).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>All names, in order, for documents and tests.</summary>
    public static IEnumerable<string> Names => _functions.Keys.Order(StringComparer.Ordinal);

    public static bool TryGet(string name, [NotNullWhen(true)] out Function? function) => _functions.TryGetValue(name, out function);

    /// <summary>Whether a name is that of a function, or the part before the dot.</summary>
    public static bool IsGroupOrFunction(string name) => _names.Contains(name);
}
