using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Dapper;
using Npgsql;

namespace Wopr.Operators.SignIn;

/// <summary>
/// How often somebody may try to sign in: counted in PostgreSQL for all nodes together, before the password is looked at, so
/// that many tries at once are counted too. A success forgets the name's count.
/// </summary>
public sealed class SignInLimit(NpgsqlDataSource database)
{
    /// <summary>A count begins anew after this, by the database's clock.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(15);

    /// <summary>Tries from one address; of IPv6 the network that one subscriber has (/64).</summary>
    public const int PerAddress = 20;

    /// <summary>Tries for one name from wherever, so that many addresses do not help.</summary>
    public const int PerName = 10;

    /// <summary>Counts one try. Null: go on. Otherwise nobody looks at the password for so long.</summary>
    public async Task<TimeSpan?> CountAsync(IPAddress? address, string name, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition("DELETE FROM sign_in_attempts WHERE since < now() - @Window", new { Window }, cancellationToken: cancellation));
        var rows = await connection.QueryAsync<(bool TooMany, double Left)>(new CommandDefinition("""
            INSERT INTO sign_in_attempts AS a (subject, count) SELECT subject, 1 FROM unnest(@subjects) AS s (subject) ORDER BY subject
            ON CONFLICT (subject) DO UPDATE SET count = least(a.count + 1, 1000000)
            RETURNING count > CASE WHEN subject = @byName THEN @PerName ELSE @PerAddress END, extract(epoch FROM since + @Window - now())::float8
            """, new { subjects = new[] { OfAddress(address), OfName(name) }, byName = OfName(name), PerName, PerAddress, Window }, cancellationToken: cancellation));
        var left = rows.Where(r => r.TooMany).Select(r => r.Left).DefaultIfEmpty(0).Max();
        return left > 0 ? TimeSpan.FromSeconds(Math.Ceiling(left)) : null;
    }

    public async Task ForgetAsync(string name, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition("DELETE FROM sign_in_attempts WHERE subject = @subject", new { subject = OfName(name) }, cancellationToken: cancellation));
    }

    private static byte[] OfName(string name) => Hash($"name {name}");

    private static byte[] OfAddress(IPAddress? address)
    {
        if (address is null) return Hash("address unknown");
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        var bytes = address.GetAddressBytes();
        return Hash($"address {Convert.ToHexString(address.AddressFamily == AddressFamily.InterNetworkV6 ? bytes[..8] : bytes)}");
    }

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
