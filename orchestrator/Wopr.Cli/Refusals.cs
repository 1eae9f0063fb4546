using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;
using Wopr.Cli.Api;

namespace Wopr.Cli;

/// <summary>What is refused on this side of the service, under the codes that TROUBLESHOOTING.md has for it.</summary>
internal static partial class Refusals
{
    public static Refusal NotUnderstood(string why) => new("JOB-005", "Request not understood", why, null);

    public static Refusal NoSuchJob(string why) => new("JOB-003", "Not found", why, null);

    public static Refusal WrongSetting(string why) => new("CONFIG-001", "Configuration wrong", why, null);

    public static Refusal Unreachable(string why) => new("SERVICE-002", "Service cannot be reached", why, null);

    /// <summary>What was typed and is no command, in one line, with the command that tells more.</summary>
    public static Refusal Mistyped(ParseResult parsed)
    {
        var why = parsed.UnmatchedTokens is [var word, ..]
            ? $"'{word}' is no command or option here."
            : Space().Replace(string.Join(' ', parsed.Errors.Select(e => e.Message)), " ");
        return NotUnderstood($"{why} '{Named(parsed.CommandResult)} --help' tells more.");
    }

    private static string Named(CommandResult command) =>
        command.Parent is CommandResult group ? $"{Named(group)} {command.Command.Name}" : "wopr";

    [GeneratedRegex(@"\s+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Space();
}
