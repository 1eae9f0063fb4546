using System.Diagnostics;
using Npgsql;

namespace Wopr.Tests.Support;

/// <summary>
/// A database of its own on a real PostgreSQL: the server that WOPR_TEST_DATABASE names, else a private one that
/// deploy/postgres starts and that ends with the test process.
/// </summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private static readonly Lazy<Task<string>> Server = new(StartServerAsync);
    private static int count;

    // Kept alive: a collected Process closes the standard input that the server lives by.
    private static Process? postgres;

    private readonly string server;

    private TestDatabase(string server, string name)
    {
        this.server = server;
        Name = name;
        ConnectionString = new NpgsqlConnectionStringBuilder(server) { Database = name, MaxPoolSize = 20 }.ConnectionString;
    }

    public string Name { get; }

    public string ConnectionString { get; }

    public static async Task<TestDatabase> CreateAsync()
    {
        var address = await Server.Value;
        var name = $"test_{Environment.ProcessId}_{Interlocked.Increment(ref count)}";
        await ExecuteAsync(address, $"CREATE DATABASE {name}");
        return new TestDatabase(address, name);
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        await ExecuteAsync(server, $"DROP DATABASE IF EXISTS {Name} WITH (FORCE)");
    }

    private static async Task ExecuteAsync(string connectionString, string sql)
    {
        // Making and dropping a database waits for a checkpoint, which takes its time where disks are busy.
        await using var connection = new NpgsqlConnection(connectionString + ";Gss Encryption Mode=Disable;Pooling=false;Command Timeout=180");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<string> StartServerAsync()
    {
        if (Environment.GetEnvironmentVariable("WOPR_TEST_DATABASE") is { Length: > 0 } given) return given;
        var folder = Directory.CreateTempSubdirectory("wopr-test-postgres-");
        var start = new ProcessStartInfo(Path.Combine(Repository.Root, "deploy", "postgres"), folder.FullName)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            Environment = { ["WOPR_POSTGRES_FSYNC"] = "off" },
        };
        // It lives as long as our end of its standard input, which is as long as this process.
        postgres = Process.Start(start) ?? throw new InvalidOperationException("deploy/postgres does not start");
        var line = await postgres.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(2));
        return line ?? throw new InvalidOperationException("deploy/postgres gave no connection string");
    }
}
