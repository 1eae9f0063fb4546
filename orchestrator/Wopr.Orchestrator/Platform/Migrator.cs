using System.Data;
using System.Security.Cryptography;
using System.Text;
using Dapper;
using Npgsql;

namespace Wopr.Platform;

/// <summary>
/// Applies <c>migrations/*.sql</c> in order of their names, each once, in a transaction of its own, under one
/// advisory lock, so that several nodes may start at the same moment and an interrupted run is simply repeated.
/// </summary>
public sealed partial class Migrator(NpgsqlDataSource database, ILogger<Migrator> logger)
{
    // Any constant does, as long as nothing else in this database takes it.
    private const long Lock = 0x574F5052;

    /// <summary>Returns the names that were applied now.</summary>
    /// <exception cref="MigrationException">A file changed after it was applied, or its SQL failed (DB-001).</exception>
    public async Task<IReadOnlyList<string>> ApplyAsync(string folder, CancellationToken cancellation)
    {
        var applied = new List<string>();
        await AloneAsync(async connection =>
        {
            await connection.ExecuteAsync("""
                CREATE TABLE IF NOT EXISTS schema_migrations (
                    name       text PRIMARY KEY,
                    sha256     text NOT NULL,
                    applied_at timestamptz NOT NULL DEFAULT now())
                """);
            var known = (await connection.QueryAsync<(string Name, string Sha256)>("SELECT name, sha256 FROM schema_migrations"))
                .ToDictionary(row => row.Name, row => row.Sha256, StringComparer.Ordinal);
            foreach (var file in Directory.GetFiles(folder, "*.sql").Order(StringComparer.Ordinal))
                if (await ApplyOneAsync(connection, file, known, cancellation))
                    applied.Add(Path.GetFileName(file));
        }, cancellation);
        return applied;
    }

    /// <summary>While no other node changes the schema: for tables that somebody else's scripts make, too.</summary>
    public async Task AloneAsync(Func<NpgsqlConnection, Task> change, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync("SELECT pg_advisory_lock(@Lock)", new { Lock });
        try
        {
            await change(connection);
        }
        finally
        {
            // A connection that was lost has lost its lock too.
            if (connection.State == ConnectionState.Open) await connection.ExecuteAsync("SELECT pg_advisory_unlock(@Lock)", new { Lock });
        }
    }

    private async Task<bool> ApplyOneAsync(NpgsqlConnection connection, string file, Dictionary<string, string> known, CancellationToken cancellation)
    {
        var name = Path.GetFileName(file);
        var sql = (await File.ReadAllTextAsync(file, cancellation)).ReplaceLineEndings("\n");
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sql)));
        if (known.TryGetValue(name, out var before))
            return before == sha256 ? false : throw new MigrationException($"{name} was changed after it had been applied");
        try
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellation);
            await connection.ExecuteAsync(sql, transaction: transaction, commandTimeout: 600);
            await connection.ExecuteAsync("INSERT INTO schema_migrations (name, sha256) VALUES (@name, @sha256)", new { name, sha256 }, transaction);
            await transaction.CommitAsync(cancellation);
        }
        catch (NpgsqlException error)
        {
            throw new MigrationException($"{name} failed: {(error as PostgresException)?.MessageText ?? error.Message}", error);
        }
        Applied(logger, name);
        return true;
    }

    [LoggerMessage(1001, LogLevel.Information, "migration {Name} applied")]
    private static partial void Applied(ILogger logger, string name);
}

/// <summary>A migration could not be applied; nothing of it was kept.</summary>
public sealed class MigrationException(string message, Exception? inner = null) : Exception(message, inner);
