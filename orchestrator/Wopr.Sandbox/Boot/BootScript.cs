using System.Globalization;
using System.Text;

namespace Wopr.Sandbox.Boot;

/// <summary>
/// A #cloud-config as one bash script that a machine's own user runs under the machine's own root: nothing below that
/// root is ever written by the sandbox itself, so a machine cannot lead it astray with links.
/// </summary>
internal static class BootScript
{
    /// <summary>
    /// Reads the script from standard input up to a NUL and runs it. Standard input stays open after that: when the
    /// sandbox closes it, or dies, the whole process group is killed at once. (A parent-death signal would reach the
    /// first process only: it is neither inherited nor kept across a change of user.)
    /// </summary>
    public const string Launcher = """
        IFS= read -r -d '' script || exit 90
        exec 3<&0 0</dev/null
        (read -r -u 3 _; kill -KILL 0) &
        guard=$!
        exec 3<&-
        eval "$script"
        kill "$guard"
        exit "$status"
        """;

    private const string Prologue = """
        set -u
        status=0
        put() { # PATH MODE APPEND < base64
          mkdir -p -- "$(dirname -- "$WOPR_ROOT$1")"
          if [[ $3 == 0 ]]; then : >"$WOPR_ROOT$1"; fi
          chmod -- "$2" "$WOPR_ROOT$1" && base64 -d >>"$WOPR_ROOT$1"
        }
        run() { # a word that is a path of this machine is meant below its root
          local words=() word
          for word in "$@"; do
            if [[ $word == /* && -e $WOPR_ROOT$word ]]; then word=$WOPR_ROOT$word; fi
            words+=("$word")
          done
          "${words[@]}" || status=$?
        }
        umask 022

        """;

    public static string Of(CloudConfig config)
    {
        var script = new StringBuilder(Prologue);
        foreach (var file in config.Files)
        {
            script.Append(CultureInfo.InvariantCulture, $"put {Quote(file.Path)} {Convert.ToString(file.Mode, 8)} {(file.Append ? 1 : 0)} <<'END'\n")
                .Append(Convert.ToBase64String(file.Content))
                .Append("\nEND\n");
        }

        foreach (var command in config.Commands) script.Append(CultureInfo.InvariantCulture, $"run {string.Join(' ', command.Select(Quote))}\n");
        return script.ToString();
    }

    private static string Quote(string word) => $"'{word.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
