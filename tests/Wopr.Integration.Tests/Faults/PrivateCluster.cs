using System.Diagnostics;
using Npgsql;
using Wopr.Tests.Support;

namespace Wopr.Integration.Tests.Faults;

/// <summary>A PostgreSQL of the test's own, which can crash and come back with what it had committed.</summary>
public sealed class PrivateCluster : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("wopr-cluster-");
    private Process? script;

    public string ConnectionString { get; private set; } = "";

    public async Task StartAsync()
    {
        script = Process.Start(new ProcessStartInfo(Repository.PathOf("deploy", "postgres"), folder.FullName)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            Environment = { ["WOPR_POSTGRES_FSYNC"] = "off" },
        }) ?? throw new InvalidOperationException("deploy/postgres does not start");
        ConnectionString = await script.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(2)) ?? throw new InvalidOperationException("deploy/postgres gave no connection string");
    }

    /// <summary>Every process of it dies at once, as in a failover; then it recovers from its log.</summary>
    public async Task CrashAndStartAsync()
    {
        var postmaster = (await File.ReadAllLinesAsync(Path.Combine(folder.FullName, "data", "postmaster.pid")))[0];
        using var kill = Process.Start("kill", ["-QUIT", postmaster]);
        await kill.WaitForExitAsync();
        kill.ExitCode.ShouldBe(0);
        await script!.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(2));
        script.Dispose();
        await StartAsync();
    }

    public void Dispose()
    {
        NpgsqlConnection.ClearAllPools();
        if (script is null) return;
        // It stops when its standard input closes.
        script.StandardInput.Close();
        script.WaitForExit(TimeSpan.FromMinutes(2)).ShouldBeTrue("PostgreSQL does not stop");
        script.Dispose();
        folder.Delete(recursive: true);
    }
}
