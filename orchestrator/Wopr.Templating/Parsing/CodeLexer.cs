using System.Globalization;

namespace Wopr.Templating.Parsing;

/// <summary>Cuts the code between <c>{{</c> and <c>}}</c> into names, numbers, strings and symbols.</summary>
internal sealed class CodeLexer(SourceReader source, List<Token> tokens, Place opening)
{
    /// <summary>The longest first, so that what Scriban reads as one symbol is never taken for two.</summary>
    private static readonly string[] _symbols =
    [
        "..<", "...", "//=",
        "..", "//", "==", "!=", "<=", ">=", "<<", ">>", "&&", "||", "|>", "??", "?.", "?!", "++", "--", "+=", "-=", "*=", "/=", "%=", "^^",
        "+", "-", "*", "/", "%", "=", "!", "<", ">", "&", "|", "?", ":", ";", ",", ".", "(", ")", "[", "]", "{", "}", "@", "^", "$",
    ];

    /// <summary>Reads up to the closing braces and leaves them to the caller.</summary>
    public void Read()
    {
        while (!IsClosing(source, "}}"))
        {
            if (source.AtEnd)
                throw new TemplateFault(opening, "this code is never closed with `}}`");

            if (source.Current is ' ' or '\t')
                source.Advance();
            else
                ReadToken();
        }
    }

    public static bool IsClosing(SourceReader source, string closing)
    {
        var ahead = source.Current is '-' or '~' ? 1 : 0;
        return string.CompareOrdinal(source.Text, source.Offset + ahead, closing, 0, closing.Length) == 0;
    }

    private void ReadToken()
    {
        var (place, afterSpace) = (source.Place, source.AfterSpace);
        switch (source.Current)
        {
            case '\n':
                source.TakeWhile(char.IsWhiteSpace);
                tokens.Add(new Token(TokenKind.EndOfLine, "\n", place, afterSpace));
                break;
            case '#':
                SkipComment();
                break;
            case '"' or '\'' or '`':
                var start = source.Offset;
                var value = StringLiteral.Read(source);
                tokens.Add(new Token(TokenKind.Literal, source.Text[start..source.Offset], place, afterSpace, value));
                break;
            case var letter when char.IsAsciiLetter(letter) || letter == '_':
                var name = source.TakeWhile(IsNameLetter);
                tokens.Add(new Token(TokenKind.Name, name, place, afterSpace));
                break;
            case var letter when char.IsAsciiDigit(letter):
                ReadNumber(place, afterSpace);
                break;
            default:
                ReadSymbol(place, afterSpace);
                break;
        }
    }

    private void ReadSymbol(Place place, bool afterSpace)
    {
        var symbol = Array.Find(_symbols, source.StartsWith)
            ?? throw new TemplateFault(place, $"the letter U+{(int)source.Current:X4} has no meaning in code");
        source.Advance(symbol.Length);
        tokens.Add(new Token(TokenKind.Symbol, symbol, place, afterSpace));
    }

    private void ReadNumber(Place place, bool afterSpace)
    {
        var text = source.TakeWhile(char.IsAsciiDigit);
        object? value = null;
        if (source.Current == '.' && char.IsAsciiDigit(source.Peek(1)))
        {
            source.Advance();
            text = $"{text}.{source.TakeWhile(char.IsAsciiDigit)}";
            value = double.Parse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);
        }
        else if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            value = number <= int.MaxValue ? (object)(int)number : number;
        }

        var runsOn = IsNameLetter(source.Current) || (source.Current == '.' && source.Peek(1) != '.');
        if (value is null || runsOn)
            throw new TemplateFault(place, "numbers are written plainly: `12`, `1.5`, whole ones below 2^63");

        tokens.Add(new Token(TokenKind.Literal, text, place, afterSpace, value));
    }

    /// <summary><c># to the end of the line</c>, <c>## over lines ##</c>; the code's own end closes both.</summary>
    private void SkipComment()
    {
        var overLines = source.StartsWith("##");
        source.Advance(overLines ? 2 : 1);
        while (!source.AtEnd && !IsClosing(source, "}}"))
        {
            if (overLines && source.StartsWith("##"))
            {
                source.Advance(2);
                return;
            }

            if (!overLines && source.Current == '\n')
                return;

            source.Advance();
        }
    }

    private static bool IsNameLetter(char letter) => char.IsAsciiLetterOrDigit(letter) || letter == '_';
}
