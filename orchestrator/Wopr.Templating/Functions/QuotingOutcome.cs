using System.Diagnostics.CodeAnalysis;

namespace Wopr.Templating.Functions;

/// <summary>What came of quoting a value: the quoted text, or why that value cannot be quoted.</summary>
public sealed class QuotingOutcome
{
    private readonly string? _quoted;
    private readonly string? _problem;

    private QuotingOutcome(string? quoted, string? problem) => (_quoted, _problem) = (quoted, problem);

    /// <summary>Gives the quoted text, or the problem, which never quotes the value.</summary>
    public bool IsSuccess([NotNullWhen(true)] out string? quoted, [NotNullWhen(false)] out string? problem)
    {
        (quoted, problem) = (_quoted, _problem);
        return quoted is not null;
    }

    internal static QuotingOutcome Success(string quoted) => new(quoted, null);

    internal static QuotingOutcome Failure(string problem) => new(null, problem);
}
