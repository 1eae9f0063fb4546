using System.Security.Cryptography;
using System.Text;
using Dapper;
using Npgsql;
using Wopr.Audit;
using Wopr.Platform;

namespace Wopr.Support.Keys;

/// <summary>What a support key may do.</summary>
public enum SupportScope
{
    /// <summary>Look codes, timelines and past remedies up.</summary>
    Read,
    Diagnose,

    /// <summary>Run automatic remedies within limits, and propose others. It never approves.</summary>
    Remedy,
    Ticket,
}

public static class SupportScopes
{
    /// <summary>The word in addresses, in the database and in claims: <c>diagnose</c>.</summary>
    public static string Word(this SupportScope scope) => scope.ToString().ToLowerInvariant();

    public static bool TryParse(string? word, out SupportScope scope)
    {
        foreach (var one in Enum.GetValues<SupportScope>())
        {
            scope = one;
            if (Word(one) == word) return true;
        }
        scope = default;
        return false;
    }
}

/// <param name="PerMinute">Calls a minute.</param>
public sealed record SupportKey(string Name, IReadOnlyList<SupportScope> Scopes, int PerMinute, DateTimeOffset CreatedAt, DateTimeOffset? RevokedAt);

/// <summary>Keys of those who support customers, programs most of all. Only hashes are stored; a key is shown once.</summary>
public sealed class SupportKeys(NpgsqlDataSource database, IIdSource ids)
{
    public const string Prefix = "wopr_sup_";
    public const int UsualPerMinute = 60;
    public const int MostPerMinute = 600;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    /// <summary>The new key, or null when there is one of this name.</summary>
    public Task<string?> MakeAsync(string name, IReadOnlyCollection<SupportScope> scopes, int perMinute, Actor who, CancellationToken cancellation)
    {
        var key = Prefix + Convert.ToHexStringLower(ids.NewSecret(24));
        return database.InTransactionAsync(async (connection, transaction) =>
        {
            var made = await connection.ExecuteAsync(
                "INSERT INTO support_keys (hash, name, scopes, per_minute) VALUES (@hash, @name, @scopes, @perMinute) ON CONFLICT (name) DO NOTHING",
                new { hash = Hash(key), name, scopes = scopes.Select(s => s.Word()).ToArray(), perMinute }, transaction);
            if (made == 0) return null;
            await AuditLog.AppendAsync(connection, transaction, new AuditEntry(who, "make-support-key", null, AuditEntry.NoReason, AuditOutcome.Done, Detail: $"{name}: {string.Join(", ", scopes.Select(s => s.Word()))}"));
            return key;
        }, cancellation);
    }

    /// <summary>False when there is no live key of this name.</summary>
    public Task<bool> RevokeAsync(string name, Actor who, CancellationToken cancellation) => database.InTransactionAsync(async (connection, transaction) =>
    {
        if (await connection.ExecuteAsync("UPDATE support_keys SET revoked_at = now() WHERE name = @name AND revoked_at IS NULL", new { name }, transaction) == 0) return false;
        await AuditLog.AppendAsync(connection, transaction, new AuditEntry(who, "revoke-support-key", null, AuditEntry.NoReason, AuditOutcome.Done, Detail: name));
        return true;
    }, cancellation);

    public async Task<IReadOnlyList<SupportKey>> ListAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition("SELECT name, scopes, per_minute, created_at, revoked_at FROM support_keys ORDER BY name", cancellationToken: cancellation));
        return [.. rows.Select(r => r.ToKey())];
    }

    /// <summary>The live key and whether this call is still within its limit; null when there is no such key.</summary>
    public async Task<(SupportKey Key, bool Within)?> UseAsync(string key, CancellationToken cancellation)
    {
        if (!key.StartsWith(Prefix, StringComparison.Ordinal) || key.Length > 200) return null;
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var row = await connection.QuerySingleOrDefaultAsync<Row?>(new CommandDefinition("""
            UPDATE support_keys SET window_at = CASE WHEN window_at <= now() - @Window THEN now() ELSE window_at END,
                                    window_count = CASE WHEN window_at <= now() - @Window THEN 1 ELSE window_count + 1 END
            WHERE hash = @hash AND revoked_at IS NULL
            RETURNING name, scopes, per_minute, created_at, revoked_at, window_count
            """, new { hash = Hash(key), Window }, cancellationToken: cancellation));
        return row is null ? null : (row.ToKey(), row.WindowCount <= row.PerMinute);
    }

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    private sealed class Row
    {
        public string Name { get; init; } = "";
        public string[] Scopes { get; init; } = [];
        public int PerMinute { get; init; }
        public DateTimeOffset CreatedAt { get; init; }
        public DateTimeOffset? RevokedAt { get; init; }
        public int WindowCount { get; init; }

        public SupportKey ToKey() => new(Name, [.. Scopes.Select(s => SupportScopes.TryParse(s, out var scope) ? scope : throw new InvalidOperationException($"'{s}' is no scope"))], PerMinute, CreatedAt, RevokedAt);
    }
}
