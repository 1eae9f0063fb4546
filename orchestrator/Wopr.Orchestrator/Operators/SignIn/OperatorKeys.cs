using System.Security.Cryptography;
using System.Text;
using Dapper;
using Npgsql;
using Wopr.Audit;
using Wopr.Operators.SignIn;
using Wopr.Platform;

namespace Wopr.Operators;

/// <summary>Keys that make an operator of a program. Only hashes are stored; a made key is shown once, when it is made.</summary>
public sealed class OperatorKeys(NpgsqlDataSource database, Settings settings, IIdSource ids)
{
    /// <summary>What everything that nobody opens is behind: reading for viewers, the rest for operators.</summary>
    public const string Policy = "operator";

    /// <summary>The name of the key that WOPR_OPERATOR_KEY sets.</summary>
    public const string ConfiguredName = "configured key";

    private const string FirstStart = "first start";

    private readonly byte[]? configured = settings.OperatorKey is { } key ? Hash(key) : null;

    /// <summary>At the very first start without a configured key, one is made and returned; otherwise null.</summary>
    public async Task<string?> EnsureAsync(CancellationToken cancellation)
    {
        if (configured is not null) return null;
        var key = NewKey();
        return await database.InTransactionAsync(async (connection, transaction) =>
        {
            // Several nodes may start at once; one makes the key.
            await connection.ExecuteAsync("LOCK TABLE operator_keys IN EXCLUSIVE MODE", transaction: transaction);
            if (await connection.ExecuteScalarAsync<bool>("SELECT EXISTS (SELECT FROM operator_keys WHERE revoked_at IS NULL AND role = 'admin')", transaction: transaction)) return null;
            await connection.ExecuteAsync("INSERT INTO operator_keys (hash, name) VALUES (@hash, @FirstStart)", new { hash = Hash(key), FirstStart }, transaction);
            return key;
        }, cancellation);
    }

    /// <summary>A new key, told this once.</summary>
    public async Task<string> MakeAsync(string name, OperatorRole role, Actor who, string reason, CancellationToken cancellation)
    {
        var key = NewKey();
        await database.InTransactionAsync(async (connection, transaction) =>
        {
            await connection.ExecuteAsync("INSERT INTO operator_keys (hash, name, role) VALUES (@hash, @name, @role)", new { hash = Hash(key), name, role = role.Word() }, transaction);
            await AuditLog.AppendAsync(connection, transaction, new AuditEntry(who, "make-key", null, reason, AuditOutcome.Done, Detail: $"{name} as {role.Word()}"));
        }, cancellation);
        return key;
    }

    /// <summary>The key is dead from now on, and so are sessions that began with it. False when there is no such live key.</summary>
    public Task<bool> RevokeAsync(string fingerprint, Actor who, string reason, CancellationToken cancellation) => database.InTransactionAsync(async (connection, transaction) =>
    {
        var name = await connection.ExecuteScalarAsync<string?>("""
            UPDATE operator_keys SET revoked_at = now() WHERE left(encode(hash, 'hex'), @length) = @fingerprint AND revoked_at IS NULL RETURNING name
            """, new { fingerprint, length = KnownKey.FingerprintLength }, transaction);
        if (name is not null) await AuditLog.AppendAsync(connection, transaction, new AuditEntry(who, "revoke-key", null, reason, AuditOutcome.Done, Detail: name));
        return name is not null;
    }, cancellation);

    /// <summary>Whose key this is, or null. A configured key takes the place of the first start's.</summary>
    public async Task<KnownKey?> FindAsync(string key, CancellationToken cancellation)
    {
        if (string.IsNullOrWhiteSpace(key) || key.Length > 512) return null;
        var hash = Hash(key);
        if (configured is not null && CryptographicOperations.FixedTimeEquals(hash, configured)) return Configured;
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await connection.QuerySingleOrDefaultAsync<KnownKey?>(new CommandDefinition($"{Select} WHERE hash = @hash AND {Counts}", new { hash, firstToo = configured is null }, cancellationToken: cancellation));
    }

    /// <summary>Whether the key with this fingerprint still opens.</summary>
    public async Task<bool> IsLiveAsync(string name, string fingerprint, CancellationToken cancellation)
    {
        if (name == ConfiguredName) return Configured?.Fingerprint == fingerprint;
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await connection.ExecuteScalarAsync<bool>(new CommandDefinition(
            $"SELECT EXISTS (SELECT FROM operator_keys WHERE name = @name AND left(encode(hash, 'hex'), @length) = @fingerprint AND {Counts})",
            new { name, fingerprint, length = KnownKey.FingerprintLength, firstToo = configured is null }, cancellationToken: cancellation));
    }

    /// <summary>Every key, with those that are revoked.</summary>
    public async Task<IReadOnlyList<KnownKey>> ListAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var stored = await connection.QueryAsync<KnownKey>(new CommandDefinition($"{Select} ORDER BY created_at DESC", cancellationToken: cancellation));
        return Configured is { } known ? [known, .. stored] : [.. stored];
    }

    /// <summary>Names that are not given to a key by hand.</summary>
    public static bool IsReserved(string name) => name is ConfiguredName or FirstStart;

    // A configured key takes the place of the one that was made at the first start.
    private const string Counts = $"revoked_at IS NULL AND (@firstToo OR name <> '{FirstStart}')";

    private const string Select = "SELECT name, role AS role_word, left(encode(hash, 'hex'), 16) AS fingerprint, created_at, revoked_at FROM operator_keys";

    private KnownKey? Configured => configured is null ? null : new KnownKey { Name = ConfiguredName, RoleWord = OperatorRole.Admin.Word(), Fingerprint = Convert.ToHexStringLower(configured)[..KnownKey.FingerprintLength] };

    private string NewKey() => $"wopr_op_{Convert.ToHexStringLower(ids.NewSecret(24))}";

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}

/// <summary>A key by everything but itself.</summary>
public sealed class KnownKey
{
    public const int FingerprintLength = 16;

    public string Name { get; init; } = "";
    public string RoleWord { get; init; } = "";

    /// <summary>The beginning of its hash.</summary>
    public string Fingerprint { get; init; } = "";

    /// <summary>Null: set in the configuration.</summary>
    public DateTimeOffset? CreatedAt { get; init; }
    public DateTimeOffset? RevokedAt { get; init; }

    public OperatorRole Role => OperatorRoles.Parse(RoleWord);
}
