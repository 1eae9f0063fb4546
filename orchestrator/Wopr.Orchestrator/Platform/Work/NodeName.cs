using System.Globalization;

namespace Wopr.Platform.Work;

/// <summary>
/// Names a node so that another on the same machine can know for sure that it is dead: by the boot of the machine, the
/// namespace of its process ids, the process id, and when that process began. A process id that was given away again
/// began later. Where that cannot be known, the lease's end decides.
/// </summary>
public sealed record NodeName(string Machine, string Boot, string Namespace, int Process, string Began)
{
    public static NodeName Current { get; } = ReadCurrent();

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Machine}/{Boot}/{Namespace}/{Process}/{Began}");

    /// <summary>True only when the named process cannot exist any more.</summary>
    public static bool IsSurelyDead(string name)
    {
        if (Current.Boot.Length == 0 || name.Split('/') is not [_, var boot, var space, var process, var began]) return false;
        if (boot != Current.Boot || space != Current.Namespace || !int.TryParse(process, NumberStyles.None, CultureInfo.InvariantCulture, out var id)) return false;
        return BeganOf(id) != began;
    }

    private static NodeName ReadCurrent()
    {
        try
        {
            // The first group of a UUID tells boots apart well enough among the few that a lease can outlive.
            // Where the first process is hidden, others are too, and nothing can be known of them.
            _ = File.ReadAllText("/proc/1/stat");
            var boot = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim()[..8];
            var space = File.ResolveLinkTarget("/proc/self/ns/pid", returnFinalTarget: false)?.Name ?? "";
            return new(Environment.MachineName, boot, space.Trim("pid:[]".ToCharArray()), Environment.ProcessId, BeganOf(Environment.ProcessId) ?? "");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new(Environment.MachineName, "", "", Environment.ProcessId, "");
        }
    }

    /// <summary>Field 22 of /proc/PID/stat, in clock ticks since the boot; null when there is no such process, or only its remains.</summary>
    private static string? BeganOf(int process)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{process.ToString(CultureInfo.InvariantCulture)}/stat");
            // The program's name stands in brackets and may hold anything; what follows is plain.
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : fields[19];
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException or IOException)
        {
            return null;
        }
    }
}
