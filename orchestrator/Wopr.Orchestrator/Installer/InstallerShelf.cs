using System.Collections.Concurrent;
using Dapper;
using Npgsql;
using Wopr.Modules;

namespace Wopr.Installer;

/// <summary>
/// The installers that beacons fetch. The current one is built from this service's own modules and put on the shelf at
/// start; older ones stay there for the jobs that pinned them, on every node.
/// </summary>
public sealed class InstallerShelf(NpgsqlDataSource database, InstallerTarball current)
{
    private readonly ConcurrentDictionary<string, ReadOnlyMemory<byte>> cache = new(StringComparer.Ordinal);

    public InstallerTarball Current => current;

    public async Task StoreCurrentAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        // At most starts it is there already, and its bytes need not be sent.
        if (await connection.ExecuteScalarAsync<bool>(new CommandDefinition("SELECT EXISTS (SELECT FROM installers WHERE sha256 = @Sha256)", new { current.Sha256 }, cancellationToken: cancellation))) return;
        await connection.ExecuteAsync(new CommandDefinition(
            "INSERT INTO installers (sha256, bytes) VALUES (@Sha256, @bytes) ON CONFLICT DO NOTHING",
            new { current.Sha256, bytes = current.Bytes.ToArray() }, cancellationToken: cancellation));
    }

    /// <summary>The bytes whose SHA-256 this is, or null.</summary>
    public async Task<ReadOnlyMemory<byte>?> FindAsync(string sha256, CancellationToken cancellation)
    {
        if (sha256 == current.Sha256) return current.Bytes;
        if (cache.TryGetValue(sha256, out var known)) return known;
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var bytes = await connection.QuerySingleOrDefaultAsync<byte[]?>(new CommandDefinition(
            "SELECT bytes FROM installers WHERE sha256 = @sha256", new { sha256 }, cancellationToken: cancellation));
        if (bytes is null) return null;
        return cache.GetOrAdd(sha256, bytes);
    }
}
