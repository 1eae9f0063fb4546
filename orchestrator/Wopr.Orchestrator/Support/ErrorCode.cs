using System.Text.RegularExpressions;

namespace Wopr.Support;

/// <summary>The name of one way in which something fails: <c>AREA-NNN</c>, with one entry in TROUBLESHOOTING.md.</summary>
public readonly partial record struct ErrorCode
{
    public ErrorCode(string value)
    {
        if (!Shape().IsMatch(value)) throw new ArgumentException($"'{value}' is not an error code (AREA-NNN)", nameof(value));
        Value = value;
    }

    public string Value { get; }

    public static bool TryParse(string? text, out ErrorCode code)
    {
        code = default;
        if (text is null || !Shape().IsMatch(text)) return false;
        code = new ErrorCode(text);
        return true;
    }

    public override string ToString() => Value;

    [GeneratedRegex("^[A-Z]{2,12}-[0-9]{3}$", RegexOptions.CultureInvariant)]
    private static partial Regex Shape();
}
