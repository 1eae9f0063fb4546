using System.Text;

namespace Wopr.Templating.Rendering;

/// <summary>
/// Collects what is printed. While code prints, every further line gets the indent of the line the code stands in,
/// so that an include of many lines keeps its column; Scriban calls this auto-indent.
/// </summary>
internal sealed class OutputWriter(int maximum)
{
    private StringBuilder _text = new();
    private bool _afterLineEnd;

    /// <summary>Null outside of all code.</summary>
    public string? Indent { get; set; }

    public override string ToString() => _text.ToString();

    public void Write(string text, Place place)
    {
        if (text.Length == 0)
            return;

        if (Indent is null)
        {
            _afterLineEnd = text[^1] == '\n';
            _text.Append(text);
        }
        else
        {
            WriteIndented(text, Indent);
        }

        if (_text.Length >= maximum)
            throw new TemplateFault(place, $"the output grows beyond {maximum} characters");
    }

    /// <summary>Collects what an include prints, apart from the rest and in columns of its own.</summary>
    public string Capture(Action render)
    {
        var (text, indent, afterLineEnd) = (_text, Indent, _afterLineEnd);
        if (indent is not null)
            _afterLineEnd = false;

        (_text, Indent) = (new StringBuilder(), null);
        render();
        var captured = _text.ToString();
        (_text, Indent, _afterLineEnd) = (text, indent, afterLineEnd);
        return captured;
    }

    private void WriteIndented(string text, string indent)
    {
        for (var start = 0; start < text.Length;)
        {
            var lineEnd = text.IndexOf('\n', start);
            var end = lineEnd < 0 ? text.Length : lineEnd + 1;
            if (_afterLineEnd)
                _text.Append(indent);

            _text.Append(text, start, end - start);
            _afterLineEnd = lineEnd >= 0;
            start = end;
        }
    }
}
