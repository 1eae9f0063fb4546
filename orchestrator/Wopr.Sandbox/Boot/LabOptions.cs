namespace Wopr.Sandbox.Boot;

/// <param name="Folder">Where the servers' disks are: on a real file system, since an overlay on an overlay is refused.</param>
/// <param name="Command">The full path of <c>deploy/lab</c>.</param>
/// <param name="ServicePort">Where WOPR listens on this machine's loopback; in the lab it is http://wopr.lab.</param>
/// <param name="Break">What goes wrong, separated by blanks: <c>deploy/lab --help</c> has the words.</param>
public sealed record LabOptions(string Folder, string Command, int ServicePort, string Break = "")
{
    /// <summary>From WOPR_SANDBOX_MACHINES (or <paramref name="sandboxFolder"/>/machines), WOPR_SANDBOX_LAB, WOPR_PORT and WOPR_SANDBOX_BREAK.</summary>
    public static LabOptions FromEnvironment(string sandboxFolder)
    {
        static string? One(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
        return new LabOptions(
            Path.GetFullPath(One("WOPR_SANDBOX_MACHINES") ?? Path.Combine(sandboxFolder, "machines")),
            Path.GetFullPath(One("WOPR_SANDBOX_LAB") ?? "deploy/lab"),
            int.TryParse(One("WOPR_PORT"), out var port) ? port : 8001,
            One("WOPR_SANDBOX_BREAK") ?? "");
    }
}
