namespace Wopr.Templating.Parsing;

/// <summary>Walks through a template letter by letter and knows where it is.</summary>
internal sealed class SourceReader(string text, string path)
{
    private int _line = 1;
    private int _column = 1;

    public string Text { get; } = text;

    public int Offset { get; private set; }

    public bool AtEnd => Offset >= Text.Length;

    public char Current => Peek(0);

    /// <summary>A new-line, blank or the like stands just before.</summary>
    public bool AfterSpace => Offset > 0 && char.IsWhiteSpace(Text[Offset - 1]);

    public Place Place => new(path, _line, _column);

    /// <summary>The letter so many places ahead; NUL, which no template holds, beyond the end.</summary>
    public char Peek(int ahead) => Offset + ahead < Text.Length ? Text[Offset + ahead] : '\0';

    public bool StartsWith(string expected) => string.CompareOrdinal(Text, Offset, expected, 0, expected.Length) == 0;

    public void Advance(int count = 1)
    {
        for (; count > 0 && !AtEnd; count--)
        {
            if (Text[Offset++] == '\n')
                (_line, _column) = (_line + 1, 1);
            else
                _column++;
        }
    }

    public string TakeWhile(Func<char, bool> wanted)
    {
        var start = Offset;
        while (!AtEnd && wanted(Current))
            Advance();

        return Text[start..Offset];
    }

    public TemplateFault Fault(string message) => new(Place, message);
}
