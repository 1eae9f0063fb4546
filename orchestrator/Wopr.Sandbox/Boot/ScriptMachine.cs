using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Wopr.Sandbox.Boot;

/// <summary>One machine: its disk, and the process group of its first boot while that runs, or of what goes on after it.</summary>
internal sealed class ScriptMachine
{
    private readonly Lock _gate = new();
    private readonly long _id;
    private readonly ScriptOptions _options;
    private readonly MachineUser _user;
    private readonly ILogger _logger;
    private readonly string _folder;
    private Process? _boot;
    private Process? _life;

    public ScriptMachine(long id, ScriptOptions options, MachineUser user, ILogger logger)
    {
        (_id, _options, _user, _logger) = (id, options, user, logger);
        _folder = Path.Combine(options.Folder, id.ToString(CultureInfo.InvariantCulture));
        Disk = new MachineDisk(Path.Combine(_folder, "root"));
    }

    public MachineDisk Disk { get; }

    public bool IsRunning { get; private set; }

    /// <summary>Holds the exit status of the first boot once that is over; like the real cloud-init, it is not tried again after a failure.</summary>
    private string Booted => Path.Combine(_folder, "booted");

    public void Start(string userData)
    {
        lock (_gate)
        {
            if (IsRunning) return;
            IsRunning = true;
            if (File.Exists(Booted))
            {
                Live();
                return;
            }

            Directory.CreateDirectory(Disk.Root);
            File.AppendAllText(Console, "");
            _user.Own(Disk.Root, Console);
            if (CloudConfig.TryParse(userData, out var config, out var reason)) Boot(BootScript.Of(config));
            else File.AppendAllText(Console, $"the user-data cannot be read: {reason}\n");
        }
    }

    public void Stop()
    {
        lock (_gate)
        {
            IsRunning = false;
            PowerOff();
        }
    }

    public void Destroy()
    {
        lock (_gate)
        {
            IsRunning = false;
            PowerOff();
            if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
        }
    }

    private string Console => Path.Combine(_folder, "console.log");

    private void Boot(string script)
    {
        _boot = Run(script);
        BootLog.Started(_logger, _id, _boot.Id);
        _ = WatchAsync(_boot);
    }

    /// <summary>After the first boot: timers, and what they start. The status is the launcher's to return.</summary>
    private void Live()
    {
        if (_options.BeatSeconds > 0) _life = Run("status=0; systemd || status=$?");
    }

    private Process Run(string script)
    {
        var bash = $"exec >>{Console} 2>&1\n{BootScript.Launcher}";
        var start = _user.Command(["setsid", "env", "-i", .. MachineEnvironment(), "bash", "--noprofile", "--norc", "-c", bash]);
        start.RedirectStandardInput = true;
        start.WorkingDirectory = Disk.Root;
        var process = Process.Start(start) ?? throw new InvalidOperationException("the machine did not start");
        try
        {
            process.StandardInput.Write(script);
            process.StandardInput.Write('\0');
            process.StandardInput.Flush();
        }
        catch (IOException e)
        {
            BootLog.NeverRead(_logger, _id, e.Message);
        }

        return process;
    }

    /// <summary>Waits beside the lock: <see cref="Process"/> tells of an exit while it holds a lock of its own.</summary>
    private async Task WatchAsync(Process boot)
    {
        await boot.WaitForExitAsync();
        lock (_gate)
        {
            // A power-off is no end of a boot: it goes on when the machine is started again.
            if (_boot == boot)
            {
                _boot = null;
                File.WriteAllText(Booted, boot.ExitCode.ToString(CultureInfo.InvariantCulture));
                BootLog.Ended(_logger, _id, boot.ExitCode);
                Live();
            }
        }

        boot.Dispose();
    }

    /// <summary>Closing its standard input kills the whole process group; see <see cref="BootScript.Launcher"/>.</summary>
    private void PowerOff()
    {
        var (boot, life) = (_boot, _life);
        (_boot, _life) = (null, null);
        boot?.StandardInput.Close();
        if (boot?.WaitForExit(5000) == false) boot.Kill(entireProcessTree: true);
        life?.StandardInput.Close();
        if (life?.WaitForExit(5000) == false) life.Kill(entireProcessTree: true);
        life?.Dispose();
    }

    private string[] MachineEnvironment()
    {
        string Seconds(double seconds) => (seconds * _options.Pace).ToString("0.###", CultureInfo.InvariantCulture);
        return
        [
            $"PATH={Path.Combine(_options.Folder, "bin")}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            $"HOME={Disk.Root}",
            "LANG=C.UTF-8",
            $"WOPR_ROOT={Disk.Root}",
            $"WOPR_STANDIN_PACKAGES={Seconds(0.4)}",
            $"WOPR_STANDIN_PULL={Seconds(0.25)}",
            $"WOPR_STANDIN_START={Seconds(0.15)}",
            $"WOPR_STANDIN_BREAK={_options.Break}",
            $"WOPR_STANDIN_BREAK_FILE={Path.Combine(_options.Folder, "break")}",
            $"WOPR_MEMINFO={Path.Combine(_options.Folder, "bin", "meminfo")}",
            "WOPR_POLL_SECONDS=0.1",
            "WOPR_RETRY_SECONDS=0.2",
            "WOPR_HEALTH_SECONDS=5",
            "WOPR_FLUSH_SECONDS=1",
            $"WOPR_STANDIN_BEAT={_options.BeatSeconds.ToString(CultureInfo.InvariantCulture)}",
        ];
    }
}
