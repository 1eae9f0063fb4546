using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Dapper;
using Npgsql;
using Wopr.Audit;
using Wopr.Platform;

namespace Wopr.Operators.SignIn;

/// <summary>Local accounts: those of the configuration, which come first, and those that an admin made.</summary>
public sealed partial class OperatorAccounts(NpgsqlDataSource database, Settings settings, IIdSource ids)
{
    private readonly IReadOnlyList<OperatorAccount> configured = [.. settings.SignIn.Accounts.Select(a => new OperatorAccount
    {
        Name = a.Name,
        Password = a.PasswordHash,
        RoleWord = a.Role.Word(),
        Stamp = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{a.Role} {a.PasswordHash}")))[..16],
        Configured = true,
    })];

    /// <summary>Small letters, digits, and <c>. _ -</c> between them; at most 40.</summary>
    public static bool IsName(string? name) => name is not null && NameShape().IsMatch(name);

    /// <summary>The account that may sign in now, or null.</summary>
    public async Task<OperatorAccount?> FindAsync(string name, CancellationToken cancellation)
    {
        if (configured.FirstOrDefault(a => a.Name == name) is { } known) return known;
        if (!IsName(name)) return null;
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await connection.QuerySingleOrDefaultAsync<OperatorAccount?>(new CommandDefinition(
            $"{Select} WHERE name = @name AND disabled_at IS NULL", new { name }, cancellationToken: cancellation));
    }

    public async Task<IReadOnlyList<OperatorAccount>> ListAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var stored = await connection.QueryAsync<OperatorAccount>(new CommandDefinition($"{Select} ORDER BY name", cancellationToken: cancellation));
        return [.. configured, .. stored.Where(s => configured.All(c => c.Name != s.Name))];
    }

    /// <summary>Makes the account, or gives it this password and role; its sessions end. Null when done, else what is wrong.</summary>
    public async Task<string?> PutAsync(string? name, string? password, OperatorRole role, Actor who, string reason, CancellationToken cancellation)
    {
        if (!IsName(name)) return "A name has small letters, digits, and . _ - between them; at most 40.";
        if (configured.Any(a => a.Name == name)) return $"{name} is set in the configuration and changed there.";
        if (!Passwords.IsFine(password)) return $"A password has {Passwords.Shortest} to {Passwords.Longest} characters.";
        var hash = Passwords.Hash(password!);
        await database.InTransactionAsync(async (connection, transaction) =>
        {
            await connection.ExecuteAsync("""
                INSERT INTO operator_accounts (name, password, role, stamp) VALUES (@name, @hash, @role, @stamp)
                ON CONFLICT (name) DO UPDATE SET password = excluded.password, role = excluded.role, stamp = excluded.stamp, disabled_at = NULL
                """, new { name, hash, role = role.Word(), stamp = ids.NewId() }, transaction);
            await AuditLog.AppendAsync(connection, transaction, new AuditEntry(who, "put-account", null, reason, AuditOutcome.Done, Detail: $"{name} as {role.Word()}"));
        }, cancellation);
        return null;
    }

    /// <summary>Nobody signs in with it any more, and its sessions end. Null when done, else what is wrong.</summary>
    public Task<string?> DisableAsync(string? name, Actor who, string reason, CancellationToken cancellation) => database.InTransactionAsync<string?>(async (connection, transaction) =>
    {
        var done = await connection.ExecuteAsync("UPDATE operator_accounts SET disabled_at = now(), stamp = @stamp WHERE name = @name AND disabled_at IS NULL", new { name, stamp = ids.NewId() }, transaction);
        if (done == 0) return "There is no such account here that could sign in.";
        await AuditLog.AppendAsync(connection, transaction, new AuditEntry(who, "disable-account", null, reason, AuditOutcome.Done, Detail: name));
        return null;
    }, cancellation);

    private const string Select = "SELECT name, password, role AS role_word, stamp::text AS stamp, created_at, disabled_at FROM operator_accounts";

    [GeneratedRegex("^[a-z0-9]([a-z0-9._-]{0,38}[a-z0-9])?$", RegexOptions.CultureInvariant)]
    private static partial Regex NameShape();
}

public sealed class OperatorAccount
{
    public string Name { get; init; } = "";

    /// <summary>Only its hash.</summary>
    public string Password { get; init; } = "";
    public string RoleWord { get; init; } = "";

    /// <summary>Another after each change; a session with an older one has ended.</summary>
    public string Stamp { get; init; } = "";
    public DateTimeOffset? CreatedAt { get; init; }
    public DateTimeOffset? DisabledAt { get; init; }

    /// <summary>Set in the configuration, and changed there only.</summary>
    public bool Configured { get; init; }

    public OperatorRole Role => OperatorRoles.Parse(RoleWord);
}
