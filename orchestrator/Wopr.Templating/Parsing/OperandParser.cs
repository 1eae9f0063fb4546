using Wopr.Templating.Syntax;

namespace Wopr.Templating.Parsing;

/// <summary>Reads what operators stand between: literals, variables and their members, arrays, parentheses, <c>f(x)</c>.</summary>
internal sealed class OperandParser(TokenReader tokens, ExpressionParser expressions, CallParser calls)
{
    private static readonly string[] _loopStates = ["index", "rindex", "first", "last", "even", "odd", "length"];

    public Expression Parse()
    {
        var operand = ParsePrimary();
        while (true)
        {
            if (tokens.Current.Is(".") || tokens.Current.Is("?."))
                operand = ParseMember(operand);
            else if (tokens.Current.Is("[") && !tokens.Current.AfterSpace)
                operand = ParseElement(operand);
            else if (tokens.Current.Is("(") && !tokens.Current.AfterSpace)
                throw new TemplateFault(tokens.Current.Place, "only a function is called, and its name stands right before this parenthesis");
            else
                return operand;
        }
    }

    private Expression ParsePrimary()
    {
        var token = tokens.Current;
        if (token.Kind == TokenKind.Literal)
            return new Literal(token.Place, tokens.Next().Value);
        if (token.Is("("))
            return ParseParentheses();
        if (token.Is("["))
            return ParseArray();
        if (token.Kind != TokenKind.Name)
            throw tokens.Unexpected("a value");

        return token.Text switch
        {
            "null" => new Literal(tokens.Next().Place, null),
            "true" => new Literal(tokens.Next().Place, true),
            "false" => new Literal(tokens.Next().Place, false),
            "for" => ParseLoopState(),
            _ when calls.StartsFunction() => calls.ParseWithParentheses(),
            _ => new Variable(token.Place, expressions.ExpectVariableName()),
        };
    }

    private Expression ParseParentheses()
    {
        tokens.Expect("(");
        var inside = expressions.Parse();
        tokens.Expect(")");
        return inside;
    }

    private ArrayLiteral ParseArray()
    {
        var place = tokens.StartOverLines("[").Place;
        var items = new List<Expression>();
        while (!tokens.Current.Is("]"))
        {
            items.Add(expressions.Parse(allowCommand: false));
            if (!tokens.Current.Is(","))
                break;

            tokens.Next();
        }

        tokens.EndOverLines("]");
        return tokens.Current.Is("[") && !tokens.Current.AfterSpace
            ? throw new TemplateFault(tokens.Current.Place, "give the array a name before taking an element of it")
            : new ArrayLiteral(place, items);
    }

    private LoopState ParseLoopState()
    {
        var place = tokens.Next().Place;
        tokens.Expect(".");
        var name = tokens.ExpectName();
        return _loopStates.Contains(name.Text)
            ? new LoopState(place, name.Text)
            : throw new TemplateFault(name.Place, $"a loop has {string.Join(", ", _loopStates)}, but no `{name.Text}`");
    }

    private Member ParseMember(Expression target)
    {
        var dot = tokens.Next();
        var name = tokens.ExpectName();
        if (name.Text is "null" or "true" or "false" or "do" or "this" or "empty" or "blank")
            throw new TemplateFault(name.Place, $"`{name.Text}` has a meaning of its own and is no name for a member");

        // A chain that began with `?.` stays forgiving: what was null stays null to its end.
        var allowsNull = dot.Is("?.") || target is Member { AllowsNull: true };
        return new Member(name.Place, target, name.Text, allowsNull);
    }

    private Element ParseElement(Expression target)
    {
        if (target is Literal)
            throw new TemplateFault(tokens.Current.Place, "a literal has no elements here");

        tokens.Expect("[");
        var key = ParseKey();
        tokens.Expect("]");
        return new Element(key.Place, target, key);
    }

    private Expression ParseKey()
    {
        var sign = tokens.Current;
        if (sign.Is("-"))
            tokens.Next();

        if (calls.StartsFunction())
            throw new TemplateFault(tokens.Current.Place, "put a call between brackets in parentheses");

        var key = Parse();
        return sign.Is("-") ? new Negation(sign.Place, key) : key;
    }
}
