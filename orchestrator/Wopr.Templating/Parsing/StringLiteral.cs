using System.Globalization;
using System.Text;

namespace Wopr.Templating.Parsing;

/// <summary>Reads <c>'text'</c> and <c>"text"</c> with their escapes, and <c>`text`</c> without.</summary>
internal static class StringLiteral
{
    public static string Read(SourceReader source)
    {
        var (quote, opening) = (source.Current, source.Place);
        var text = new StringBuilder();
        source.Advance();
        while (true)
        {
            if (source.AtEnd)
                throw new TemplateFault(opening, $"this string is never closed with {quote}");

            if (source.Current == quote)
            {
                source.Advance();
                if (quote != '`' || source.Current != '`')
                    return text.ToString();
            }
            else if (source.Current == '\\' && quote != '`')
            {
                ReadEscape(source, text);
                continue;
            }

            text.Append(source.Current);
            source.Advance();
        }
    }

    private static void ReadEscape(SourceReader source, StringBuilder text)
    {
        var place = source.Place;
        source.Advance();
        var letter = source.Current;
        source.Advance();
        switch (letter)
        {
            case '\n': break;
            case '0': text.Append('\0'); break;
            case '\'' or '"' or '\\': text.Append(letter); break;
            case 'b': text.Append('\b'); break;
            case 'f': text.Append('\f'); break;
            case 'n': text.Append('\n'); break;
            case 'r': text.Append('\r'); break;
            case 't': text.Append('\t'); break;
            case 'v': text.Append('\v'); break;
            case 'u': text.Append(ReadHex(source, place, digits: 4)); break;
            case 'x': text.Append(ReadHex(source, place, digits: 2)); break;
            default: throw new TemplateFault(place, "a backslash stands before one of 0 ' \" \\ b f n r t v uXXXX xXX or a line end");
        }
    }

    private static char ReadHex(SourceReader source, Place place, int digits)
    {
        var code = 0;
        for (; digits > 0; digits--)
        {
            if (!char.IsAsciiHexDigit(source.Current))
                throw new TemplateFault(place, "the escape is \\u with four or \\x with two hexadecimal digits");

            code = (code << 4) | int.Parse([source.Current], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            source.Advance();
        }

        return (char)code;
    }
}
