namespace Wopr.Templating.Parsing;

internal enum TokenKind
{
    /// <summary>Text outside of code, already trimmed by whitespace control.</summary>
    Raw,

    /// <summary><c>{{</c>; the text is the indent of its line, if nothing else precedes it there.</summary>
    CodeStart,
    CodeEnd,
    Name,

    /// <summary>A number or a string; the value is in <see cref="Token.Value"/>.</summary>
    Literal,
    Symbol,
    EndOfLine,
    EndOfText,
}

/// <summary>A piece of a template.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">How it is written; for raw text, what is printed.</param>
/// <param name="Place">Where it begins.</param>
/// <param name="AfterSpace">Whether white space stands before it: <c>f(x)</c> and <c>f (x)</c> are not the same.</param>
/// <param name="Value">What a literal stands for.</param>
internal readonly record struct Token(TokenKind Kind, string Text, Place Place, bool AfterSpace = false, object? Value = null)
{
    public bool Is(string symbol) => Kind == TokenKind.Symbol && Text == symbol;

    public bool IsName(string name) => Kind == TokenKind.Name && Text == name;

    /// <summary>The token as a message names it.</summary>
    public string Description => Kind switch
    {
        TokenKind.CodeStart => "`{{`",
        TokenKind.CodeEnd => "`}}`",
        TokenKind.EndOfLine => "the end of the line",
        TokenKind.EndOfText => "the end of the template",
        TokenKind.Raw => "text",
        _ => $"`{Text}`",
    };
}
