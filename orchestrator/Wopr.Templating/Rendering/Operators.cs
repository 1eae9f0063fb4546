using Wopr.Templating.Syntax;
using Wopr.Templating.Values;

namespace Wopr.Templating.Rendering;

/// <summary>What an operator makes of two values. Where Scriban would guess, as with null + 1, it is an error.</summary>
internal static class Operators
{
    public static object? Apply(Binary binary, object? left, object? right, TemplateLimits limits) => binary.Operator switch
    {
        BinaryOperator.IfNull => left ?? right,
        BinaryOperator.Equal => AreEqual(binary, left, right),
        BinaryOperator.NotEqual => !AreEqual(binary, left, right),
        BinaryOperator.Less => Compare(binary, left, right) is < 0,
        BinaryOperator.LessOrEqual => Compare(binary, left, right) is <= 0,
        BinaryOperator.Greater => Compare(binary, left, right) is > 0,
        BinaryOperator.GreaterOrEqual => Compare(binary, left, right) is >= 0,
        BinaryOperator.Add when left is string || right is string => Text(binary, left) + Text(binary, right),
        BinaryOperator.Range or BinaryOperator.RangeBelow => Range(binary, left, right, limits),
        _ when Arithmetic.IsNumber(left) && Arithmetic.IsNumber(right) => Arithmetic.Calculate(binary, left!, right!),
        _ => throw Misfit(binary, left, right),
    };

    /// <summary>A string equals whatever prints the same; null equals only null; numbers are equal by value.</summary>
    private static bool AreEqual(Binary binary, object? left, object? right)
    {
        if (left is null || right is null)
            return left is null && right is null;
        if (left is ListValue or ObjectValue || right is ListValue or ObjectValue)
            throw Misfit(binary, left, right);
        if (left is string || right is string)
            return string.Equals(Text(binary, left), Text(binary, right), StringComparison.Ordinal);
        if (left is bool && right is bool)
            return Equals(left, right);

        return Compare(binary, left, right) == 0;
    }

    private static int? Compare(Binary binary, object? left, object? right)
    {
        if (left is string first && right is string second)
            return string.CompareOrdinal(first, second);
        if (Arithmetic.IsNumber(left) && Arithmetic.IsNumber(right))
            return Arithmetic.Compare(binary, left!, right!);

        throw Misfit(binary, left, right);
    }

    /// <summary>Counts up or down, whichever leads to the end; <c>..&lt;</c> leaves the end out.</summary>
    private static ListValue Range(Binary binary, object? left, object? right, TemplateLimits limits)
    {
        if (left is not int first || right is not int last)
            throw Misfit(binary, left, right);

        var length = Math.Abs((long)last - first) + (binary.Operator == BinaryOperator.Range ? 1 : 0);
        if (length > limits.Iterations)
            throw new TemplateFault(binary.Place, $"the range is longer than {limits.Iterations}");

        var step = first < last ? 1 : -1;
        return new ListValue(Enumerable.Range(0, (int)length).Select(index => first + (index * step)).ToArray());
    }

    private static string Text(Binary binary, object? value) =>
        Value.TryToText(value, out var text, out var problem) ? text ?? "" : throw new TemplateFault(binary.Place, problem);

    private static TemplateFault Misfit(Binary binary, object? left, object? right) =>
        new(binary.Place, $"`{binary.Operator.Symbol()}` does not fit {Value.KindOf(left)} and {Value.KindOf(right)}");
}
