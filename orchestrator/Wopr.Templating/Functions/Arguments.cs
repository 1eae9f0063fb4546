using System.Diagnostics.CodeAnalysis;
using Wopr.Templating.Values;

namespace Wopr.Templating.Functions;

/// <summary>What a function was called with. Whatever does not fit is an error at the place of the call.</summary>
internal sealed class Arguments(Place place, Function function, IReadOnlyList<object?> values, TemplateLimits limits)
{
    /// <summary>The bounds of this rendering.</summary>
    public TemplateLimits Limits { get; } = limits;

    /// <summary>The value as it is, or null where the argument was left out.</summary>
    public object? this[int index] => index < values.Count ? values[index] : null;

    public bool Has(int index) => index < values.Count;

    /// <summary>The text of a string, number or bool; null stays null.</summary>
    public string? Text(int index) =>
        Value.TryToText(this[index], out var text, out var problem) ? text : throw Fault(problem);

    /// <summary>The text, where null counts as the empty one.</summary>
    public string TextOrEmpty(int index) => Text(index) ?? "";

    public int Integer(int index) => this[index] is int number ? number : throw Fault($"argument {index + 1} must be a whole number");

    public ListValue List(int index) => this[index] as ListValue ?? throw Fault($"argument {index + 1} must be a list");

    public double Number(int index) => this[index] switch
    {
        int number => number,
        long number => number,
        double number => number,
        decimal number => (double)number,
        _ => throw Fault($"argument {index + 1} must be a number"),
    };

    public TemplateFault Fault(string problem) => new(place, $"`{function.Name}`: {problem}");

    [DoesNotReturn]
    public void Refuse(string problem) => throw Fault(problem);
}
