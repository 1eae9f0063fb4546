using System.Diagnostics;
using System.Globalization;

namespace Wopr.Sandbox.Boot;

/// <summary>The namespace in which all servers of one lab meet: names, packages, images, and the way to WOPR.</summary>
internal sealed class LabInternet : IDisposable
{
    /// <summary>Time to come up; what is built once (deploy/lab prepare) should be there already.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private readonly Process _process;
    private readonly string _folder;

    private LabInternet(Process process, string folder) => (_process, _folder) = (process, folder);

    public static LabInternet Start(LabOptions options)
    {
        var folder = Path.Combine(options.Folder, "internet");
        Directory.CreateDirectory(folder);
        File.Delete(Path.Combine(folder, "ready"));
        string[] breaks = options.Break.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return new LabInternet(
            LabProcess.Start(Path.Combine(folder, "lab.log"), options.Command, ["internet", options.Folder, options.ServicePort.ToString(CultureInfo.InvariantCulture), .. breaks]),
            folder);
    }

    /// <summary>Waits until servers can be started in it.</summary>
    public void UntilReady()
    {
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var watcher = new FileSystemWatcher(_folder, "ready");
        watcher.Created += (_, _) => Look();
        watcher.Changed += (_, _) => Look();
        watcher.EnableRaisingEvents = true;
        // It may have come up before the watch began.
        Look();
        var first = Task.WaitAny([ready.Task, _process.WaitForExitAsync()], Patience);
        if (ready.Task.IsCompleted) return;
        throw first < 0
            ? new TimeoutException($"the lab's internet does not come up: {LastWords()}")
            : new InvalidOperationException($"the lab's internet ended: {LastWords()}");

        void Look()
        {
            if (new FileInfo(Path.Combine(_folder, "ready")) is { Exists: true, Length: > 0 }) ready.TrySetResult();
        }
    }

    /// <summary>The Unix socket that leads to a server's port 443.</summary>
    public string SocketOf(long serverId) =>
        Path.Combine(File.ReadAllText(Path.Combine(_folder, "ready")).Trim(), serverId.ToString(CultureInfo.InvariantCulture));

    public void Dispose() => LabProcess.End(_process, TimeSpan.FromSeconds(15));

    private string LastWords() => File.ReadLines(Path.Combine(_folder, "lab.log")).LastOrDefault() ?? "it said nothing";
}
