using System.Security.Cryptography;
using System.Text;
using Dapper;
using Npgsql;
using Wopr.Platform;
using Wopr.Web;

namespace Wopr.Operators;

/// <summary>Keys that make an operator. Only hashes are stored; a made key is shown once, when it is made.</summary>
public sealed class OperatorKeys(NpgsqlDataSource database, Settings settings, IIdSource ids) : IOperatorSignIn
{
    public const string Policy = "operator";

    /// <summary>The name of the key that WOPR_OPERATOR_KEY sets.</summary>
    public const string ConfiguredName = "configured key";

    private readonly byte[]? configured = settings.OperatorKey is { } key ? Hash(key) : null;

    /// <summary>At the very first start without a configured key, one is made and returned; otherwise null.</summary>
    public async Task<string?> EnsureAsync(CancellationToken cancellation)
    {
        if (configured is not null) return null;
        var key = $"wopr_op_{Convert.ToHexStringLower(ids.NewSecret(24))}";
        return await database.InTransactionAsync(async (connection, transaction) =>
        {
            // Several nodes may start at once; one makes the key.
            await connection.ExecuteAsync("LOCK TABLE operator_keys IN EXCLUSIVE MODE", transaction: transaction);
            if (await connection.ExecuteScalarAsync<bool>("SELECT EXISTS (SELECT FROM operator_keys WHERE revoked_at IS NULL)", transaction: transaction)) return null;
            await connection.ExecuteAsync("INSERT INTO operator_keys (hash, name) VALUES (@hash, 'first start')", new { hash = Hash(key) }, transaction);
            return key;
        }, cancellation);
    }

    public async Task<string?> NameAsync(string key, CancellationToken cancellation)
    {
        if (string.IsNullOrWhiteSpace(key) || key.Length > 512) return null;
        var hash = Hash(key);
        if (configured is not null) return CryptographicOperations.FixedTimeEquals(hash, configured) ? ConfiguredName : null;
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await connection.ExecuteScalarAsync<string?>(new CommandDefinition(
            "SELECT name FROM operator_keys WHERE hash = @hash AND revoked_at IS NULL", new { hash }, cancellationToken: cancellation));
    }

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
