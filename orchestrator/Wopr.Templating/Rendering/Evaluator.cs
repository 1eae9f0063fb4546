using Wopr.Templating.Functions;
using Wopr.Templating.Syntax;
using Wopr.Templating.Values;

namespace Wopr.Templating.Rendering;

/// <summary>Finds the value of an expression. A name nobody gave a value is an error, and so is a member nobody has.</summary>
internal sealed class Evaluator(Scope scope, TemplateLimits limits, Func<Include, string> renderInclude)
{
    public object? Evaluate(Expression expression) => expression switch
    {
        Literal literal => literal.Value,
        Variable variable => EvaluateVariable(variable),
        LoopState state => EvaluateLoopState(state),
        Member member => EvaluateMember(member),
        Element element => EvaluateElement(element),
        ArrayLiteral array => new ListValue(array.Items.Select(Evaluate).ToArray()),
        Not not => !Value.IsTrue(Evaluate(not.Operand)),
        Negation negation => Arithmetic.Negate(Evaluate(negation.Operand), negation.Place),
        Binary binary => EvaluateBinary(binary),
        Choice choice => Evaluate(Value.IsTrue(Evaluate(choice.Condition)) ? choice.Then : choice.Else),
        Call call => EvaluateCall(call),
        Include include => renderInclude(include),
        _ => throw new TemplateFault(expression.Place, "this expression has no value"),
    };

    /// <summary>The text an expression prints; null prints nothing.</summary>
    public string? Text(Expression expression) =>
        Value.TryToText(Evaluate(expression), out var text, out var problem) ? text : throw new TemplateFault(expression.Place, problem);

    /// <summary>The list an expression stands for.</summary>
    public ListValue List(Expression expression)
    {
        var value = Evaluate(expression);
        return value as ListValue
            ?? throw new TemplateFault(expression.Place, $"a loop goes over a list, not over {Value.KindOf(value)}");
    }

    private object? EvaluateVariable(Variable variable) =>
        scope.TryGet(variable.Name, out var value)
            ? Known(value, variable.Place)
            : throw new TemplateFault(variable.Place, $"nothing is named `{variable.Name}`");

    private object EvaluateLoopState(LoopState state) =>
        scope.CurrentLoop is { } loop
            ? loop.State(state.Name)
            : throw new TemplateFault(state.Place, $"`for.{state.Name}` stands in no loop");

    private object? EvaluateMember(Member member)
    {
        var target = Evaluate(member.Target);
        switch (target)
        {
            case null when member.AllowsNull:
                return null;
            case null:
                throw new TemplateFault(member.Place, $"what should have `{member.Name}` is null");
            case string text when member.Name == "size":
                return text.Length;
            case ListValue list when member.Name == "size":
                return list.Count;
            case ObjectValue value when value.TryGet(member.Name, out var found):
                return Known(found, member.Place);
            default:
                throw new TemplateFault(member.Place, $"{Value.KindOf(target)} here has no member `{member.Name}`");
        }
    }

    private object? EvaluateElement(Element element)
    {
        var target = Evaluate(element.Target);
        if (target is null && AllowsNull(element.Target))
            return null;

        var key = Evaluate(element.Key);
        switch (target, key)
        {
            case (ObjectValue value, string name) when value.TryGet(name, out var found):
                return Known(found, element.Place);
            case (ObjectValue, string):
                throw new TemplateFault(element.Place, "the object has no member of this name");
            case (ListValue list, int index):
                var at = index < 0 ? list.Count + index : index;
                return at >= 0 && at < list.Count
                    ? Known(list[at], element.Place)
                    : throw new TemplateFault(element.Place, $"the list has {list.Count} items, and no item {index}");
            default:
                throw new TemplateFault(element.Place, $"{Value.KindOf(target)} has no element by {Value.KindOf(key)}");
        }
    }

    /// <summary>A chain that has a <c>?.</c> in it may end in null.</summary>
    private static bool AllowsNull(Expression target) => target switch
    {
        Member member => member.AllowsNull || AllowsNull(member.Target),
        Element element => AllowsNull(element.Target),
        _ => false,
    };

    private object? EvaluateBinary(Binary binary)
    {
        var left = Evaluate(binary.Left);
        switch (binary.Operator)
        {
            case BinaryOperator.And:
                return Value.IsTrue(left) && Value.IsTrue(Evaluate(binary.Right));
            case BinaryOperator.Or:
                return Value.IsTrue(left) || Value.IsTrue(Evaluate(binary.Right));
            default:
                return Limited(Operators.Apply(binary, left, Evaluate(binary.Right), limits), binary.Place);
        }
    }

    private object? EvaluateCall(Call call)
    {
        var values = call.Arguments.Select(Evaluate).ToArray();
        var result = call.Function.Invoke(new Arguments(call.Place, call.Function, values, limits));
        return Limited(Known(result, call.Place), call.Place);
    }

    private static object? Known(object? raw, Place place) =>
        Value.TryFrom(raw, out var value, out var problem) ? value : throw new TemplateFault(place, problem);

    private object? Limited(object? value, Place place) => value switch
    {
        string text when text.Length >= limits.OutputLength => throw new TemplateFault(place, $"the text grows beyond {limits.OutputLength} characters"),
        ListValue list when list.Count > limits.Iterations => throw new TemplateFault(place, $"the list grows beyond {limits.Iterations} items"),
        _ => value,
    };
}
