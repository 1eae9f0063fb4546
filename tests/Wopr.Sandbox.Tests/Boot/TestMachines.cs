using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging.Abstractions;
using Wopr.Sandbox.Boot;
using Wopr.Tests.Support;

namespace Wopr.Sandbox.Tests.Boot;

/// <summary>A script driver with a folder of its own that the machines' user can enter.</summary>
internal sealed class TestMachines : IDisposable
{
    private readonly int beatSeconds;

    /// <param name="beatSeconds">From one heartbeat of a finished beacon to the next; 0 for none.</param>
    public TestMachines(int beatSeconds = 0)
    {
        this.beatSeconds = beatSeconds;
        Folder = Directory.CreateTempSubdirectory("wopr-machines-").FullName;
        File.SetUnixFileMode(Folder, (UnixFileMode)0b111_101_101);
        PowerUp();
    }

    public string Folder { get; }

    public ScriptDriver Driver { get; private set; }

    /// <summary>What is to go wrong from now on, as in Boot/standins/README.md.</summary>
    public void Break(params string[] words) => File.WriteAllLines(Path.Combine(Folder, "break"), words);

    /// <summary>The sandbox ends, and another one begins with the same disks.</summary>
    [MemberNotNull(nameof(Driver))]
    public void PowerUp()
    {
        Driver?.Dispose();
        Driver = new ScriptDriver(new ScriptOptions(Folder, Pace: 0, BeatSeconds: beatSeconds), NullLogger<ScriptDriver>.Instance);
    }

    public void Start(long id, string userData) => Driver.Start(new Machine(id, $"server-{id}", "198.18.0.1", "2001:db8::1", userData));

    public string PathOf(long id, string path) => Path.Combine(Folder, $"{id}", "root", path.TrimStart('/'));

    public string Console(long id) => File.Exists(Path.Combine(Folder, $"{id}", "console.log")) ? File.ReadAllText(Path.Combine(Folder, $"{id}", "console.log")) : "no console";

    /// <summary>Waits for the end of the first boot and returns its exit status.</summary>
    public async Task<int> EndAsync(long id)
    {
        var booted = Path.Combine(Folder, $"{id}", "booted");
        await Patience.UntilAsync(() => File.Exists(booted) && new FileInfo(booted).Length > 0, () => $"the boot does not end:\n{Console(id)}");
        return int.Parse(File.ReadAllText(booted), System.Globalization.CultureInfo.InvariantCulture);
    }

    public void Dispose()
    {
        Driver.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}
