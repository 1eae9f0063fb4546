using Wopr.Templating.Syntax;

namespace Wopr.Templating.Parsing;

/// <summary>Builds the statements of a template from its tokens; stops at the first error.</summary>
internal sealed class Parser
{
    private readonly TokenReader _tokens;
    private readonly ExpressionParser _expressions;
    private int _loops;

    public Parser(IReadOnlyList<Token> tokens)
    {
        _tokens = new TokenReader(tokens);
        _expressions = new ExpressionParser(_tokens);
    }

    public IReadOnlyList<Include> Includes => _expressions.Includes;

    public Block Parse()
    {
        var block = ParseBlock();
        return _tokens.Current.Kind == TokenKind.EndOfText
            ? block
            : throw new TemplateFault(_tokens.Current.Place, $"this {_tokens.Current.Description} belongs to no `if` or `for`");
    }

    /// <summary>Reads statements up to an <c>else</c>, an <c>end</c> or the end of the text, and leaves that to the caller.</summary>
    private Block ParseBlock()
    {
        _tokens.Enter();
        var statements = new List<Statement>();
        while (!IsEndOfBlock(_tokens.Current))
        {
            if (_tokens.Current.Kind == TokenKind.EndOfLine || _tokens.Current.Is(";"))
                _tokens.Next();
            else
                statements.Add(ParseStatement());
        }

        _tokens.Leave();
        return new Block(statements);
    }

    private static bool IsEndOfBlock(Token token) =>
        token.Kind == TokenKind.EndOfText || token.IsName("end") || token.IsName("else");

    private Statement ParseStatement()
    {
        var token = _tokens.Current;
        return token.Kind switch
        {
            TokenKind.Raw => new RawText(token.Place, _tokens.Next().Text),
            TokenKind.CodeStart => new CodeStart(_tokens.Next().Text),
            TokenKind.CodeEnd => ParseCodeEnd(),
            TokenKind.Name => ParseNamed(token),
            _ => ParsePrint(),
        };
    }

    private CodeEnd ParseCodeEnd()
    {
        _tokens.Next();
        return new CodeEnd();
    }

    private Statement ParseNamed(Token token)
    {
        if (token.Text == "for" && _tokens.Peek(1).Is("."))
            return ParsePrint();
        if (_tokens.Peek(1).Is("="))
            return ParseAssignment();
        if (Words.Unsupported.Contains(token.Text))
            throw new TemplateFault(token.Place, $"`{token.Text}` is no part of the language here");

        return token.Text switch
        {
            "if" => ParseIf(),
            "for" => ParseFor(),
            "break" => ParseJump(new Break()),
            "continue" => ParseJump(new Continue()),
            _ => ParsePrint(),
        };
    }

    private Print ParsePrint()
    {
        var value = _expressions.Parse();
        _tokens.ExpectEndOfStatement();
        return new Print(value);
    }

    private Assignment ParseAssignment()
    {
        var name = _expressions.ExpectVariableName();
        _tokens.Expect("=");
        var value = _expressions.Parse();
        _tokens.ExpectEndOfStatement();
        return new Assignment(name, value);
    }

    private If ParseIf()
    {
        var opening = _tokens.Next();
        var condition = _expressions.Parse();
        _tokens.ExpectEndOfStatement();
        var then = ParseBlock();
        if (!_tokens.Current.IsName("else"))
        {
            ParseEnd(opening);
            return new If(condition, then, null);
        }

        _tokens.Next();
        return new If(condition, then, _tokens.Current.IsName("if") ? ParseElseIf() : ParseElse(opening));
    }

    /// <summary>The one <c>end</c> of the chain is read by its last branch.</summary>
    private Block ParseElseIf()
    {
        _tokens.Enter();
        var chained = ParseIf();
        _tokens.Leave();
        return new Block([chained]);
    }

    private Block ParseElse(Token opening)
    {
        _tokens.ExpectEndOfStatement();
        var block = ParseBlock();
        ParseEnd(opening);
        return block;
    }

    private For ParseFor()
    {
        var opening = _tokens.Next();
        var variable = _expressions.ExpectVariableName();
        if (!_tokens.Current.IsName("in"))
            throw _tokens.Unexpected("`in`");

        _tokens.Next();
        var items = _expressions.Parse(allowCommand: false);
        _tokens.ExpectEndOfStatement();
        _loops++;
        var body = ParseBlock();
        _loops--;
        if (!_tokens.Current.IsName("else"))
        {
            ParseEnd(opening);
            return new For(opening.Place, variable, items, body, null);
        }

        _tokens.Next();
        return new For(opening.Place, variable, items, body, ParseElse(opening));
    }

    private void ParseEnd(Token opening)
    {
        if (!_tokens.Current.IsName("end"))
        {
            throw _tokens.Current.Kind == TokenKind.EndOfText
                ? new TemplateFault(opening.Place, $"this `{opening.Text}` is never closed with `end`")
                : new TemplateFault(_tokens.Current.Place, $"the `{opening.Text}` of line {opening.Place.Line} has an `else` already");
        }

        _tokens.Next();
        _tokens.ExpectEndOfStatement();
    }

    private Statement ParseJump(Statement jump)
    {
        var token = _tokens.Next();
        if (_loops == 0)
            throw new TemplateFault(token.Place, $"`{token.Text}` stands in no loop of this template");

        _tokens.ExpectEndOfStatement();
        return jump;
    }
}
