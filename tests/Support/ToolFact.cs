namespace Wopr.Tests.Support;

/// <summary>
/// A fact that runs real tools: skipped, with a reason that names them, where one is missing.
/// <c>[ToolFact("bash", "shellcheck")]</c>
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ToolFactAttribute : FactAttribute
{
    /// <param name="tools">Command names, or absolute paths of tools that are on no PATH.</param>
    public ToolFactAttribute(params string[] tools)
    {
        Tools = tools;
        Skip = Tool.WhyMissing(tools);
    }

    /// <summary>What the test runs.</summary>
    public IReadOnlyList<string> Tools { get; }
}

/// <summary>A theory that runs real tools: skipped, with a reason that names them, where one is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ToolTheoryAttribute : TheoryAttribute
{
    /// <param name="tools">Command names, or absolute paths of tools that are on no PATH.</param>
    public ToolTheoryAttribute(params string[] tools)
    {
        Tools = tools;
        Skip = Tool.WhyMissing(tools);
    }

    /// <summary>What the test runs.</summary>
    public IReadOnlyList<string> Tools { get; }
}

/// <summary>Finds the tools that tests run.</summary>
public static class Tool
{
    /// <summary>Where Debian keeps tools that an ordinary user has on no PATH.</summary>
    private static readonly string[] _besidePath =
    [
        "/usr/local/sbin",
        "/usr/sbin",
        "/sbin",
        "/usr/lib/cloud-init",
        "/usr/lib/systemd",
        "/usr/lib/systemd/system-generators",
        "/usr/libexec/podman",
    ];

    /// <summary>The full path of a tool, or null where this machine has none.</summary>
    /// <param name="tool">A command name or an absolute path.</param>
    public static string? Find(string tool)
    {
        if (Path.IsPathRooted(tool))
            return IsExecutable(tool) ? tool : null;

        return Folders().Select(folder => Path.Combine(folder, tool)).FirstOrDefault(IsExecutable);
    }

    /// <summary>The reason to skip a test, or null where every tool is there.</summary>
    public static string? WhyMissing(IEnumerable<string> tools)
    {
        var missing = tools.Where(tool => Find(tool) is null).ToList();
        return missing.Count == 0 ? null : $"not installed on this machine: {string.Join(", ", missing)}";
    }

    private static IEnumerable<string> Folders()
    {
        var path = Environment.GetEnvironmentVariable("PATH") ?? "";
        return path.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Concat(_besidePath)
            .Concat(NewestFirst("/usr/lib/postgresql"));
    }

    /// <summary>Debian keeps initdb and postgres in a folder for each version.</summary>
    private static IEnumerable<string> NewestFirst(string parent) =>
        !Directory.Exists(parent)
            ? []
            : Directory.EnumerateDirectories(parent)
                .OrderByDescending(folder => int.TryParse(Path.GetFileName(folder), out var version) ? version : 0)
                .Select(folder => Path.Combine(folder, "bin"));

    private static bool IsExecutable(string file) =>
        File.Exists(file)
        && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(file) & AnyoneMayExecute) != UnixFileMode.None);

    private const UnixFileMode AnyoneMayExecute =
        UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
}
