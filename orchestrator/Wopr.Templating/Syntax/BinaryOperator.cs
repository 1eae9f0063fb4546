namespace Wopr.Templating.Syntax;

/// <summary>The operators that take two sides, all left-associative.</summary>
internal enum BinaryOperator
{
    IfNull,
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    DivideWhole,
    Remainder,
    Range,
    RangeBelow,
}

/// <summary>How operators are written and how tightly they bind; the higher, the tighter.</summary>
internal static class BinaryOperators
{
    private static readonly Dictionary<string, (BinaryOperator Operator, int Precedence)> _bySymbol = new(StringComparer.Ordinal)
    {
        ["??"] = (BinaryOperator.IfNull, 20),
        ["||"] = (BinaryOperator.Or, 30),
        ["&&"] = (BinaryOperator.And, 40),
        ["=="] = (BinaryOperator.Equal, 70),
        ["!="] = (BinaryOperator.NotEqual, 70),
        ["<"] = (BinaryOperator.Less, 80),
        ["<="] = (BinaryOperator.LessOrEqual, 80),
        [">"] = (BinaryOperator.Greater, 80),
        [">="] = (BinaryOperator.GreaterOrEqual, 80),
        ["+"] = (BinaryOperator.Add, 100),
        ["-"] = (BinaryOperator.Subtract, 100),
        ["*"] = (BinaryOperator.Multiply, 110),
        ["/"] = (BinaryOperator.Divide, 110),
        ["//"] = (BinaryOperator.DivideWhole, 110),
        ["%"] = (BinaryOperator.Remainder, 110),
        [".."] = (BinaryOperator.Range, 130),
        ["..<"] = (BinaryOperator.RangeBelow, 130),
    };

    public static bool TryGet(string symbol, out BinaryOperator found, out int precedence)
    {
        var known = _bySymbol.TryGetValue(symbol, out var entry);
        (found, precedence) = entry;
        return known;
    }

    public static string Symbol(this BinaryOperator wanted) => _bySymbol.First(entry => entry.Value.Operator == wanted).Key;
}
