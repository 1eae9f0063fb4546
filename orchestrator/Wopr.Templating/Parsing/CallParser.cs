using Wopr.Templating.Functions;
using Wopr.Templating.Syntax;

namespace Wopr.Templating.Parsing;

/// <summary>
/// Reads calls in their three forms: <c>f a b</c>, <c>f(a, b)</c> and <c>a | f b</c>. Functions are known by name while
/// parsing, so that an unknown one shows before anything is rendered.
/// </summary>
internal sealed class CallParser(TokenReader tokens, ExpressionParser expressions)
{
    private const string IncludeName = "include";

    private readonly List<Include> _includes = [];

    public IReadOnlyList<Include> Includes => _includes;

    /// <summary>A function's name stands here, whatever follows it.</summary>
    public bool StartsFunction() => tokens.Current.Kind == TokenKind.Name && IsFunctionName(tokens.Current.Text);

    /// <summary>A function's name stands here, and behind it the start of an argument.</summary>
    public bool StartsCommand() => StartsFunction() && IsStartOfArgument(tokens.Peek(tokens.Peek(1).Is(".") ? 3 : 1));

    public Expression ParseCommand()
    {
        var name = ParseName();
        return Build(name, ParseArguments());
    }

    /// <summary>Reads <c>| f b</c>, whose first argument is the value before the pipe.</summary>
    public Expression ParsePipeTarget(Expression value)
    {
        tokens.ExpectAndJoinLines("|");
        var target = tokens.Current;
        if (!StartsFunction())
        {
            throw target.Kind == TokenKind.Name
                ? new TemplateFault(target.Place, $"there is no function `{target.Text}`")
                : tokens.Unexpected("a function");
        }

        var name = ParseName();
        return Build(name, [value, .. StartsParentheses() ? ParseInParentheses() : ParseArguments()]);
    }

    public Expression ParseWithParentheses()
    {
        var name = ParseName();
        return StartsParentheses()
            ? Build(name, ParseInParentheses())
            : throw new TemplateFault(name.Place, $"`{name.Text}` is a function and wants its arguments: `{name.Text}(value)` or `value | {name.Text}`");
    }

    private static bool IsFunctionName(string name) => name == IncludeName || FunctionTable.IsGroupOrFunction(name);

    private bool StartsParentheses() => tokens.Current.Is("(") && !tokens.Current.AfterSpace;

    private static bool IsStartOfArgument(Token token) =>
        token.Kind is TokenKind.Literal or TokenKind.Name || (token.AfterSpace && (token.Is("(") || token.Is("[")));

    /// <summary>Reads a name of one part, or of two as in <c>string.upcase</c>, into one token.</summary>
    private Token ParseName()
    {
        var name = tokens.Next();
        if (!tokens.Current.Is("."))
            return name;

        tokens.Next();
        return name with { Text = $"{name.Text}.{tokens.ExpectName().Text}" };
    }

    private List<Expression> ParseArguments()
    {
        var arguments = new List<Expression>();
        while (IsStartOfArgument(tokens.Current))
            arguments.Add(expressions.ParseArgument());

        return arguments;
    }

    private List<Expression> ParseInParentheses()
    {
        var arguments = new List<Expression>();
        tokens.Expect("(");
        while (!tokens.Current.Is(")"))
        {
            if (arguments.Count > 0)
                tokens.Expect(",");

            arguments.Add(expressions.Parse());
        }

        tokens.Expect(")");
        return arguments;
    }

    private Expression Build(Token name, List<Expression> arguments)
    {
        if (name.Text == IncludeName)
            return BuildInclude(name.Place, arguments);
        if (!FunctionTable.TryGet(name.Text, out var function))
            throw new TemplateFault(name.Place, $"there is no function `{name.Text}`");
        if (arguments.Count < function.Required || arguments.Count > function.Maximum)
            throw new TemplateFault(name.Place, $"`{name.Text}` takes {function.Arity}, the value before a pipe among them, not {arguments.Count}");

        return new Call(name.Place, function, arguments);
    }

    private Include BuildInclude(Place place, List<Expression> arguments)
    {
        if (arguments is not [Literal { Value: string name }])
            throw new TemplateFault(place, "`include` takes the name of a template, written out: `include 'folder/name'`");

        var include = new Include(place, name);
        _includes.Add(include);
        return include;
    }
}
