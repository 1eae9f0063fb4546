using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Wopr.Sandbox.Boot;

/// <summary>
/// Boots a server by really running its user-data: files written, scripts run, as an unprivileged user under a root of
/// the server's own, with stand-ins for podman, systemctl and apt-get. Disks outlive the sandbox; processes do not.
/// </summary>
public sealed class ScriptDriver : IMachineDriver, IBeaconFace, IDisposable
{
    private readonly ScriptOptions _options;
    private readonly ILogger _logger;
    private readonly MachineUser _user;
    private readonly ConcurrentDictionary<long, ScriptMachine> _machines = new();

    /// <summary>Lays out the stand-ins. <see cref="WhyNot"/> tells beforehand what would go wrong.</summary>
    public ScriptDriver(ScriptOptions options, ILogger<ScriptDriver> logger)
    {
        (_options, _logger) = (options, logger);
        _user = MachineUser.Of(options.User) ?? throw new ArgumentException($"there is no user '{options.User}'", nameof(options));
        Directory.CreateDirectory(options.Folder);
        CopyStandins(Path.Combine(options.Folder, "bin"));
    }

    /// <summary>One line on what is missing for this driver, or null.</summary>
    public static string? WhyNot(ScriptOptions options)
    {
        if (!OperatingSystem.IsLinux()) return "the script driver needs Linux (setpriv, setsid)";
        if (MachineUser.Of(options.User) is not { } user) return $"WOPR_SANDBOX_USER: there is no user '{options.User}'";
        Directory.CreateDirectory(options.Folder);
        using var test = Process.Start(user.Command("test", "-x", options.Folder))!;
        test.WaitForExit();
        return test.ExitCode == 0 ? null : $"WOPR_SANDBOX_MACHINES: the user '{user.Name}' cannot enter {options.Folder}; choose a folder that it can reach";
    }

    public void Start(Machine machine)
    {
        var mine = _machines.GetOrAdd(machine.ServerId, id => new ScriptMachine(id, _options, _user, _logger));
        mine.Start(machine.UserData);
    }

    public void Stop(long serverId)
    {
        if (_machines.TryGetValue(serverId, out var machine)) machine.Stop();
    }

    public void Destroy(long serverId)
    {
        if (!_machines.TryRemove(serverId, out var machine)) machine = new ScriptMachine(serverId, _options, _user, _logger);
        machine.Destroy();
    }

    public Task<BeaconAnswer?> AnswerAsync(long serverId, string host, string path, CancellationToken cancellation) => Task.FromResult(Answer(serverId, host, path));

    public BeaconAnswer? Answer(long serverId, string host, string path) =>
        _machines.TryGetValue(serverId, out var machine) && machine.IsRunning ? machine.Disk.Answer(host, path) : null;

    /// <summary>All machines lose their power; their disks stay.</summary>
    public void Dispose()
    {
        foreach (var machine in _machines.Values) machine.Stop();
    }

    private static void CopyStandins(string target)
    {
        Directory.CreateDirectory(target);
        foreach (var source in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Boot", "standins")))
        {
            if (source.EndsWith(".md", StringComparison.Ordinal)) continue;
            // Renamed into place: another sandbox's machine may be reading the old one.
            var part = Path.Combine(target, $".{Path.GetFileName(source)}.{Environment.ProcessId}");
            File.Copy(source, part, overwrite: true);
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(part, (UnixFileMode)0b111_101_101);
            File.Move(part, Path.Combine(target, Path.GetFileName(source)), overwrite: true);
        }
    }
}
