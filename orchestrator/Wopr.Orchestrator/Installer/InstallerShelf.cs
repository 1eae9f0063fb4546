using System.Collections.Concurrent;
using Dapper;
using Npgsql;
using Wopr.Modules;

namespace Wopr.Installer;

/// <summary>
/// The installers that beacons fetch. The current one is built from this service's own modules, and put on the shelf before
/// the first job pins it; older ones stay there for the jobs that pinned them, on every node.
/// </summary>
public sealed class InstallerShelf(NpgsqlDataSource database, Lazy<InstallerTarball> current)
{
    private readonly ConcurrentDictionary<string, ReadOnlyMemory<byte>> cache = new(StringComparer.Ordinal);
    private volatile bool isStored;

    public InstallerTarball Current => current.Value;

    /// <summary>The current one's SHA-256, for a job that is to have it; it is on the shelf then.</summary>
    public async Task<string> PinCurrentAsync(CancellationToken cancellation)
    {
        if (isStored) return Current.Sha256;
        await using var connection = await database.OpenConnectionAsync(cancellation);
        // Mostly it has been there since an earlier start, and its bytes need not be sent.
        if (!await connection.ExecuteScalarAsync<bool>(new CommandDefinition("SELECT EXISTS (SELECT FROM installers WHERE sha256 = @Sha256)", new { Current.Sha256 }, cancellationToken: cancellation)))
            await connection.ExecuteAsync(new CommandDefinition(
                "INSERT INTO installers (sha256, bytes) VALUES (@Sha256, @bytes) ON CONFLICT DO NOTHING",
                new { Current.Sha256, bytes = Current.Bytes.ToArray() }, cancellationToken: cancellation));
        isStored = true;
        return Current.Sha256;
    }

    /// <summary>The bytes whose SHA-256 this is, or null.</summary>
    public async Task<ReadOnlyMemory<byte>?> FindAsync(string sha256, CancellationToken cancellation)
    {
        if (sha256 == Current.Sha256) return Current.Bytes;
        if (cache.TryGetValue(sha256, out var known)) return known;
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var bytes = await connection.QuerySingleOrDefaultAsync<byte[]?>(new CommandDefinition(
            "SELECT bytes FROM installers WHERE sha256 = @sha256", new { sha256 }, cancellationToken: cancellation));
        if (bytes is null) return null;
        return cache.GetOrAdd(sha256, bytes);
    }
}
