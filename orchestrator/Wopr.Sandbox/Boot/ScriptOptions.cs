namespace Wopr.Sandbox.Boot;

/// <param name="Folder">Where the machines' disks are; the machines' user must be able to enter it.</param>
/// <param name="User">Who runs the machines when the sandbox itself runs as root.</param>
/// <param name="Pace">1 is fast: a whole beacon in some ten seconds; 0 waits for nothing; larger numbers stretch.</param>
/// <param name="BeatSeconds">From one heartbeat of a finished beacon to the next; with 0 nothing of a machine runs on after its first boot.</param>
/// <param name="Break">What goes wrong from the start, separated by blanks; see Boot/standins/README.md. The file <c>break</c> in the folder adds to it at any time.</param>
public sealed record ScriptOptions(string Folder, string User = "nobody", double Pace = 1, string Break = "", int BeatSeconds = 0)
{
    // A real beacon's five minutes, at a pace at which one can watch.
    private const int UsualBeatSeconds = 5;

    /// <summary>From WOPR_SANDBOX_MACHINES (or <paramref name="sandboxFolder"/>/machines), WOPR_SANDBOX_USER and WOPR_SANDBOX_BREAK.</summary>
    public static ScriptOptions FromEnvironment(string sandboxFolder, double pace)
    {
        static string? One(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
        return new ScriptOptions(
            Path.GetFullPath(One("WOPR_SANDBOX_MACHINES") ?? Path.Combine(sandboxFolder, "machines")),
            One("WOPR_SANDBOX_USER") ?? "nobody",
            pace,
            One("WOPR_SANDBOX_BREAK") ?? "",
            UsualBeatSeconds);
    }
}
