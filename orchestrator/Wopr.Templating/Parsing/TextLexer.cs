namespace Wopr.Templating.Parsing;

/// <summary>
/// Cuts a template into text and code. White space beside <c>{{-</c>, <c>-}}</c>, <c>{{~</c> and <c>~}}</c> is gone
/// afterwards: <c>-</c> takes all of it, <c>~</c> takes blanks, and behind code also the end of the line.
/// </summary>
internal sealed class TextLexer
{
    private readonly SourceReader _source;
    private readonly List<Token> _tokens = [];
    private int _endOfLastText = -1;

    public TextLexer(string text, string path)
    {
        _source = new SourceReader(text, path);
        RefuseLetters(text, path);
    }

    public IReadOnlyList<Token> Read()
    {
        while (!_source.AtEnd)
        {
            ReadText();
            if (_source.AtEnd)
                break;

            if (_source.Peek(1) == '%')
                ReadEscaped();
            else
                ReadCode();
        }

        _tokens.Add(new Token(TokenKind.EndOfText, "", _source.Place));
        return _tokens;
    }

    private static void RefuseLetters(string text, string path)
    {
        var at = text.AsSpan().IndexOfAny('\r', '\0', '\uFEFF');
        if (at < 0)
            return;

        var before = new SourceReader(text, path);
        before.Advance(at);
        throw before.Fault("a template holds no CR, no NUL and no byte-order mark: line ends are LF");
    }

    private void ReadText()
    {
        var (start, place) = (_source.Offset, _source.Place);
        while (!_source.AtEnd && !IsOpening(out _))
            _source.Advance();

        var text = _source.Text.AsSpan(start.._source.Offset);
        IsOpening(out var marker);
        text = marker switch
        {
            '-' => text.TrimEnd(),
            '~' => TrimEndOfLine(text),
            _ => text,
        };

        if (text.Length == 0)
            return;

        _tokens.Add(new Token(TokenKind.Raw, text.ToString(), place));
        _endOfLastText = start + text.Length - 1;
    }

    private bool IsOpening(out char marker)
    {
        marker = '\0';
        if (_source.Current != '{')
            return false;

        var length = 1;
        while (_source.Peek(length) == '%')
            length++;

        if (_source.Peek(length) != '{')
            return false;

        marker = _source.Peek(length + 1);
        return true;
    }

    private void ReadCode()
    {
        var place = _source.Place;
        _tokens.Add(new Token(TokenKind.CodeStart, IndentOfLine(), place));
        _source.Advance(IsMarker(_source.Peek(2)) ? 3 : 2);
        new CodeLexer(_source, _tokens, place).Read();

        _tokens.Add(new Token(TokenKind.CodeEnd, "}}", _source.Place));
        SkipClosing("}}");
    }

    /// <summary><c>{%{ printed {{ as it stands }} }%}</c>; more percent signs allow for fewer inside.</summary>
    private void ReadEscaped()
    {
        var place = _source.Place;
        _source.Advance();
        var closing = $"}}{_source.TakeWhile(letter => letter == '%')}}}";
        _source.Advance(IsMarker(_source.Peek(1)) ? 2 : 1);
        _tokens.Add(new Token(TokenKind.CodeStart, "", place));

        var (start, inside) = (_source.Offset, _source.Place);
        while (!IsClosing(closing))
        {
            if (_source.AtEnd)
                throw new TemplateFault(place, $"this escaped text is never closed with `{closing}`");
            _source.Advance();
        }

        if (_source.Offset > start)
            _tokens.Add(new Token(TokenKind.Raw, _source.Text[start.._source.Offset], inside));

        _tokens.Add(new Token(TokenKind.CodeEnd, closing, _source.Place));
        SkipClosing(closing);
    }

    private bool IsClosing(string closing) => CodeLexer.IsClosing(_source, closing);

    private void SkipClosing(string closing)
    {
        var marker = IsMarker(_source.Current) ? _source.Current : '\0';
        _source.Advance(closing.Length + (marker == '\0' ? 0 : 1));
        if (marker == '-')
        {
            _source.TakeWhile(char.IsWhiteSpace);
        }
        else if (marker == '~')
        {
            _source.TakeWhile(letter => letter != '\n' && char.IsWhiteSpace(letter));
            _source.Advance(_source.Current == '\n' ? 1 : 0);
        }
    }

    /// <summary>What stands between the start of the line and this code, if it is nothing but blanks that are printed.</summary>
    private string IndentOfLine()
    {
        if (_tokens.Count == 0 || _tokens[^1].Kind != TokenKind.Raw)
            return "";

        var text = _source.Text.AsSpan(0, _endOfLastText + 1);
        var line = text[(text.LastIndexOf('\n') + 1)..];
        return line.IsWhiteSpace() ? line.ToString() : "";
    }

    private static ReadOnlySpan<char> TrimEndOfLine(ReadOnlySpan<char> text)
    {
        var end = text.Length;
        while (end > 0 && text[end - 1] != '\n' && char.IsWhiteSpace(text[end - 1]))
            end--;

        return text[..end];
    }

    private static bool IsMarker(char letter) => letter is '-' or '~';
}
