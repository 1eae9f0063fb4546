using Wopr.Templating.Syntax;

namespace Wopr.Templating.Parsing;

/// <summary>
/// Builds expressions. Where Scriban would read something other than what a reader expects, as in <c>f a + b</c> or
/// <c>a ? -b : c</c>, the subset wants parentheses instead.
/// </summary>
internal sealed class ExpressionParser
{
    private readonly TokenReader _tokens;
    private readonly OperandParser _operands;
    private readonly CallParser _calls;

    public ExpressionParser(TokenReader tokens)
    {
        _tokens = tokens;
        _calls = new CallParser(tokens, this);
        _operands = new OperandParser(tokens, this, _calls);
    }

    public IReadOnlyList<Include> Includes => _calls.Includes;

    /// <summary>Reads a whole expression.</summary>
    /// <param name="allowCommand">Whether <c>function argument</c> without parentheses may stand here.</param>
    public Expression Parse(bool allowCommand = true)
    {
        _tokens.Enter();
        var isCommand = _calls.StartsCommand();
        var expression = isCommand ? ParseCommand(allowCommand) : ParseChoice();
        while (_tokens.Current.Is("|"))
        {
            expression = _calls.ParsePipeTarget(expression);
            isCommand = true;
        }

        if (isCommand)
            RefuseOperator();

        _tokens.Leave();
        return expression;
    }

    /// <summary>Reads operands and operators, without pipes, commands or choices at this level.</summary>
    public Expression ParseBinary(int precedence = 0, bool allowSigns = true)
    {
        _tokens.Enter();
        var left = ParseSigned(allowSigns);
        while (_tokens.Current.Kind == TokenKind.Symbol
            && BinaryOperators.TryGet(_tokens.Current.Text, out var found, out var tightness)
            && tightness > precedence)
        {
            var place = _tokens.Next().Place;
            left = new Binary(place, found, left, ParseBinary(tightness, allowSigns));
        }

        _tokens.Leave();
        return left;
    }

    /// <summary>An operand as it may stand behind a function's name, parted from the next by a blank.</summary>
    public Expression ParseArgument() => _operands.Parse();

    public string ExpectVariableName()
    {
        var token = _tokens.ExpectName();
        return Words.IsReserved(token.Text)
            ? throw new TemplateFault(token.Place, $"`{token.Text}` has a meaning of its own and is no name for a variable")
            : token.Text;
    }

    private Expression ParseCommand(bool allowed) =>
        allowed
            ? _calls.ParseCommand()
            : throw new TemplateFault(_tokens.Current.Place, "put this call in parentheses, or give its argument through a pipe");

    private void RefuseOperator()
    {
        var token = _tokens.Current;
        if (token.Kind == TokenKind.Symbol && (token.Is("?") || BinaryOperators.TryGet(token.Text, out _, out _)))
            throw new TemplateFault(token.Place, $"put the call before `{token.Text}`, or the argument that goes on behind it, in parentheses");
    }

    private Expression ParseChoice()
    {
        var condition = ParseBinary();
        if (!_tokens.Current.Is("?"))
            return condition;

        var place = _tokens.Next().Place;
        var then = ParseBinary(allowSigns: false);
        _tokens.Expect(":");
        _tokens.Enter();
        var otherwise = ParseChoice();
        _tokens.Leave();
        return _tokens.Current.Is("|")
            ? throw new TemplateFault(_tokens.Current.Place, "put the choice before this pipe in parentheses")
            : new Choice(place, condition, then, otherwise);
    }

    private Expression ParseSigned(bool allowed)
    {
        var token = _tokens.Current;
        if (!token.Is("!") && !token.Is("-"))
            return _operands.Parse();
        if (!allowed)
            throw new TemplateFault(token.Place, $"put what `{token.Text}` belongs to in parentheses, both together");

        _tokens.Next();
        _tokens.Enter();
        var operand = ParseSigned(allowed);
        _tokens.Leave();
        return token.Is("!") ? new Not(token.Place, operand) : new Negation(token.Place, operand);
    }
}
