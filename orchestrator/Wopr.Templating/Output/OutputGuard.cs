using System.Text;

namespace Wopr.Templating.Output;

/// <summary>
/// The last look at a rendered text before it leaves: what must not be in it is an error with line and column, never
/// mended in silence.
/// </summary>
public static class OutputGuard
{
    private const int MaximumErrors = 20;

    /// <summary>Gives the text back if it is fit for its reader, else all that is wrong with it, up to 20 errors.</summary>
    /// <param name="text">What was rendered.</param>
    /// <param name="kind">What it is read as.</param>
    /// <param name="path">The name that errors carry; line and column are those of the output.</param>
    /// <param name="limits">Bounds that its reader sets, if any.</param>
    public static RenderOutcome Check(string text, OutputKind kind, string path, OutputLimits? limits = null)
    {
        limits ??= new OutputLimits();
        var errors = new List<TemplateError>();
        var size = Encoding.UTF8.GetByteCount(text);
        if (size > limits.MaximumBytes)
            errors.Add(new TemplateError(path, 1, 1, $"the output has {size} bytes, {size - limits.MaximumBytes} more than its reader takes"));

        var number = 0;
        foreach (var line in text.Split('\n'))
        {
            number++;
            var place = number;
            errors.AddRange(CheckLine(line, kind, limits).Select(found => new TemplateError(path, place, found.Column, $"output: {found.Problem}")));
        }

        return errors.Count == 0 ? RenderOutcome.Success(text) : RenderOutcome.Failure(errors.Take(MaximumErrors).ToList());
    }

    private static IEnumerable<(int Column, string Problem)> CheckLine(string line, OutputKind kind, OutputLimits limits)
    {
        var openBraces = 0;
        for (var at = 0; at < line.Length; at++)
        {
            openBraces += line[at] switch { '{' => 1, '}' => -1, _ => 0 };
            var problem = ProblemOf(line[at], kind, limits) ?? ProblemOfBraces(line, at, openBraces);
            if (problem is not null)
                yield return (at + 1, problem);
        }
    }

    private static string? ProblemOf(char letter, OutputKind kind, OutputLimits limits) => letter switch
    {
        '\r' => "a CR: line ends are LF",
        '\0' => "a NUL",
        '\t' => kind == OutputKind.Yaml ? "a tab, which YAML takes for an error" : null,
        _ when limits.AsciiOnly && letter is < ' ' or > '~' => $"U+{(int)letter:X4}, where only printable ASCII may stand",
        _ => null,
    };

    /// <summary>
    /// <c>{{</c> is code that nobody rendered. <c>}}</c> is its end, unless both braces were opened in this line, as in
    /// the shell's <c>${a:-${b}}</c>.
    /// </summary>
    private static string? ProblemOfBraces(string line, int at, int openBraces)
    {
        if (at + 1 < line.Length && line[at] == '{' && line[at + 1] == '{')
            return "`{{`, which nobody rendered";
        if (at > 0 && line[at] == '}' && line[at - 1] == '}' && openBraces < 0)
            return "`}}` without its opening braces";

        return null;
    }
}
