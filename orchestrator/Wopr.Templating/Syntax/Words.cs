using System.Collections.Frozen;

namespace Wopr.Templating.Syntax;

/// <summary>Names with a meaning in the language, which no variable may take.</summary>
internal static class Words
{
    /// <summary>Statements of Scriban that are no part of the subset.</summary>
    public static readonly FrozenSet<string> Unsupported = FrozenSet.Create(
        StringComparer.Ordinal,
        "case", "when", "while", "tablerow", "capture", "with", "wrap", "func", "ret", "do", "import", "readonly");

    private static readonly FrozenSet<string> _keywords = FrozenSet.Create(
        StringComparer.Ordinal,
        "if", "else", "end", "for", "in", "break", "continue", "null", "true", "false", "this", "empty", "blank", "include");

    public static bool IsReserved(string name) =>
        _keywords.Contains(name) || Unsupported.Contains(name) || Functions.FunctionTable.IsGroupOrFunction(name);
}
