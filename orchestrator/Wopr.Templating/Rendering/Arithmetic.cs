using Wopr.Templating.Syntax;

namespace Wopr.Templating.Rendering;

/// <summary>
/// Calculates as Scriban does: a decimal on either side makes both decimal, else a double makes both double; whole numbers
/// stay whole except under <c>/</c>, and are int again wherever they fit. What overflows, or divides by zero, is an error.
/// </summary>
internal static class Arithmetic
{
    public static bool IsNumber(object? value) => value is int or long or double or decimal;

    public static object Negate(object? value, Place place)
    {
        try
        {
            return value switch
            {
                int number => (object)checked(-number),
                long number => checked(-number),
                double number => -number,
                decimal number => -number,
                _ => throw new TemplateFault(place, $"`-` does not fit {Values.Value.KindOf(value)}"),
            };
        }
        catch (OverflowException)
        {
            throw TooLarge(place);
        }
    }

    public static object Calculate(Binary binary, object left, object right)
    {
        try
        {
            return (left, right) switch
            {
                (decimal, _) or (_, decimal) => (object)OfDecimals(binary, AsDecimal(left), AsDecimal(right)),
                (double, _) or (_, double) => OfDoubles(binary, AsDouble(left), AsDouble(right)),
                _ => OfIntegers(binary, AsLong(left), AsLong(right)),
            };
        }
        catch (OverflowException)
        {
            throw TooLarge(binary.Place);
        }
        catch (DivideByZeroException)
        {
            throw new TemplateFault(binary.Place, "this divides by zero");
        }
    }

    /// <summary>Null where one of them is no number that compares.</summary>
    public static int? Compare(Binary binary, object left, object right)
    {
        try
        {
            return (left, right) switch
            {
                (decimal, _) or (_, decimal) => AsDecimal(left).CompareTo(AsDecimal(right)),
                (double, _) or (_, double) => AsDouble(left).CompareTo(AsDouble(right)),
                _ => AsLong(left).CompareTo(AsLong(right)),
            };
        }
        catch (OverflowException)
        {
            throw TooLarge(binary.Place);
        }
    }

    private static object OfIntegers(Binary binary, long left, long right) => binary.Operator switch
    {
        BinaryOperator.Add => Fit(checked(left + right)),
        BinaryOperator.Subtract => Fit(checked(left - right)),
        BinaryOperator.Multiply => Fit(checked(left * right)),
        BinaryOperator.Divide => (object)Finite(binary, (double)left / right),
        BinaryOperator.DivideWhole => Fit(checked(left / right)),
        _ => Fit(right == -1 ? 0 : left % right),
    };

    private static double OfDoubles(Binary binary, double left, double right) => Finite(binary, binary.Operator switch
    {
        BinaryOperator.Add => left + right,
        BinaryOperator.Subtract => left - right,
        BinaryOperator.Multiply => left * right,
        BinaryOperator.Divide => left / right,
        BinaryOperator.DivideWhole => Math.Round(left / right),
        _ => left % right,
    });

    private static decimal OfDecimals(Binary binary, decimal left, decimal right) => binary.Operator switch
    {
        BinaryOperator.Add => left + right,
        BinaryOperator.Subtract => left - right,
        BinaryOperator.Multiply => left * right,
        BinaryOperator.Divide => left / right,
        BinaryOperator.DivideWhole => Math.Round(left / right),
        _ => left % right,
    };

    private static object Fit(long value)
    {
        var small = (int)value;
        return small == value ? small : (object)value;
    }

    private static double Finite(Binary binary, double value) =>
        double.IsFinite(value) ? value : throw new TemplateFault(binary.Place, "this divides by zero or is too large");

    private static TemplateFault TooLarge(Place place) => new(place, "the number is too large");

    private static long AsLong(object value) => value is int number ? number : (long)value;

    private static double AsDouble(object value) => value is double number ? number : AsLong(value);

    private static decimal AsDecimal(object value) => value switch
    {
        decimal number => number,
        double number => (decimal)number,
        _ => AsLong(value),
    };
}
