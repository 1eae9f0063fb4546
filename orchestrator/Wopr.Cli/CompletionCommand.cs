using System.CommandLine;

namespace Wopr.Cli;

/// <summary><c>wopr completion bash|zsh</c>: what a shell needs to complete the command's words. The words come from the command itself.</summary>
internal static class CompletionCommand
{
    private const string Bash = """
        _wopr() {
          local line=${COMP_LINE} words
          words=$(wopr "[suggest:${COMP_POINT}]" "$line" 2>/dev/null) || return
          mapfile -t COMPREPLY < <(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}")
        }
        complete -F _wopr wopr
        """;

    private const string Zsh = """
        _wopr() {
          local -a words
          words=("${(@f)$(wopr "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
          compadd -a words
        }
        compdef _wopr wopr
        """;

    public static Command Create()
    {
        var shell = new Argument<string>("shell") { Description = "bash or zsh" };
        shell.AcceptOnlyFromAmong("bash", "zsh");
        var command = new Command("completion", "Prints what a shell needs to complete wopr's words.\n\nExample: source <(wopr completion bash)") { shell };
        command.SetAction(parsed => Console.Out.WriteLine((parsed.GetRequiredValue(shell) == "bash" ? Bash : Zsh).ReplaceLineEndings("\n")));
        return command;
    }
}
