namespace Wopr.Templating.Parsing;

/// <summary>Hands tokens to the parser, without the line ends where an expression may run over several lines.</summary>
internal sealed class TokenReader(IReadOnlyList<Token> tokens)
{
    private int _index;
    private int _overLines;
    private int _depth;

    public Token Current => tokens[_index];

    /// <summary>A token further on; the end of the text beyond it.</summary>
    public Token Peek(int ahead) => tokens[Math.Min(_index + ahead, tokens.Count - 1)];

    /// <summary>No more belongs to this statement.</summary>
    public bool AtEndOfStatement =>
        Current.Kind is TokenKind.EndOfLine or TokenKind.CodeEnd or TokenKind.EndOfText || Current.Is(";");

    public Token Next()
    {
        var token = Current;
        if (token.Kind != TokenKind.EndOfText)
            _index++;

        while (_overLines > 0 && Current.Kind == TokenKind.EndOfLine)
            _index++;

        return token;
    }

    public Token Expect(string symbol) => Current.Is(symbol) ? Next() : throw Unexpected($"`{symbol}`");

    public Token ExpectName() => Current.Kind == TokenKind.Name ? Next() : throw Unexpected("a name");

    public void ExpectEndOfStatement()
    {
        if (!AtEndOfStatement)
            throw Unexpected("the end of the statement");

        if (Current.Kind == TokenKind.EndOfLine || Current.Is(";"))
            Next();
    }

    public TemplateFault Unexpected(string expected) =>
        new(Current.Place, $"{Current.Description} stands where {expected} was expected");

    /// <summary>From this token on, line ends are blanks.</summary>
    public Token StartOverLines(string symbol)
    {
        _overLines++;
        return Expect(symbol);
    }

    /// <summary>Behind this token, line ends count again.</summary>
    public Token EndOverLines(string symbol)
    {
        _overLines--;
        return Expect(symbol);
    }

    /// <summary>Reads a symbol behind which the line may end without ending the statement.</summary>
    public Token ExpectAndJoinLines(string symbol)
    {
        _overLines++;
        var token = Expect(symbol);
        _overLines--;
        return token;
    }

    /// <summary>Counts what is nested, so that no template can exhaust the stack.</summary>
    public void Enter()
    {
        if (++_depth > MaximumDepth)
            throw new TemplateFault(Current.Place, $"blocks and expressions nest deeper than {MaximumDepth}");
    }

    public void Leave() => _depth--;

    private const int MaximumDepth = 100;
}
