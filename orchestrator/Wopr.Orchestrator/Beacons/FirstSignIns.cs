using System.Security.Cryptography;
using Dapper;
using Npgsql;
using Wopr.Audit;
using Wopr.Platform;
using Wopr.Platform.Work;
using Wopr.Provisioning;
using Wopr.Support;

namespace Wopr.Beacons;

/// <summary>Where the hand-over of a beacon's first account stands.</summary>
public enum FirstSignInState
{
    /// <summary>Not to be asked for: no finished beacon, no agent, or too late.</summary>
    Closed,

    Open,

    /// <summary>A browser asked, and the beacon has not heard of it yet.</summary>
    Waiting,

    /// <summary>The sealed link is there for the browser that asked.</summary>
    Made,

    /// <summary>It was given; only an operator opens it again.</summary>
    Given,
}

/// <param name="Sealed">With <see cref="FirstSignInState.Made"/>: what only the browser that asked can open.</param>
public sealed record FirstSignIn(FirstSignInState State, byte[]? Sealed);

/// <summary>
/// Hands a beacon's first account over. A browser sends the public half of a key that it made; the beacon fetches that with
/// its next heartbeat, makes a link that its Authentik takes once, and seals it; the browser opens it. In the clear the link
/// is on the beacon and in that browser only.
/// </summary>
public sealed class FirstSignIns(NpgsqlDataSource database)
{
    /// <summary>Bytes of a sealed link: RSA-OAEP with 2048 bits.</summary>
    public const int SealedBytes = 256;

    // An RSA key of 2048 bits with the usual exponent as SubjectPublicKeyInfo.
    private const int KeyBytes = 294;

    /// <summary>How long after a beacon was finished its customer may ask.</summary>
    private static readonly TimeSpan Welcome = TimeSpan.FromDays(14);

    /// <summary>How long after an operator opened it again.</summary>
    private static readonly TimeSpan Again = TimeSpan.FromDays(1);

    /// <summary>How long a browser waits, and a link is good for; installer-modules/runner/lib/first-sign-in.sh has the same.</summary>
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(30);

    private const string Select = """
        SELECT CASE WHEN s.sealed IS NOT NULL AND s.sealed_at > now() - @Life THEN 'Made'
                    WHEN s.taken_at IS NOT NULL THEN 'Given'
                    WHEN coalesce(s.open_until, j.ended_at + @Welcome) < now() THEN 'Closed'
                    WHEN s.public_key IS NOT NULL AND s.sealed IS NULL AND s.asked_at > now() - @Life THEN 'Waiting'
                    ELSE 'Open' END AS state, s.sealed
        FROM jobs j JOIN beacon_agents a ON a.job_id = j.id LEFT JOIN first_sign_ins s ON s.job_id = j.id
        WHERE j.id = @job AND j.state = 'completed' AND j.decommission_requested_at IS NULL
        """;

    /// <summary>Whether this is a key as browsers make it here: RSA, 2048 bits, SubjectPublicKeyInfo.</summary>
    public static bool IsKey(ReadOnlySpan<byte> key)
    {
        if (key.Length != KeyBytes) return false;
        using var rsa = RSA.Create();
        try
        {
            rsa.ImportSubjectPublicKeyInfo(key, out var read);
            return read == key.Length && rsa.KeySize == SealedBytes * 8;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    public async Task<FirstSignInState> StateAsync(JobId job, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return (await ReadAsync(connection, null, job)).State;
    }

    /// <summary>A browser asks. Who asks last before the link was given gets it; false when there is nothing to ask for.</summary>
    public Task<bool> AskAsync(JobId job, byte[] key, CancellationToken cancellation) => database.InTransactionAsync(async (connection, transaction) =>
    {
        await WorkQueue.LockAsync(connection, transaction, JobStore.WorkOf(job));
        if ((await ReadAsync(connection, transaction, job)).State is FirstSignInState.Closed or FirstSignInState.Given) return false;
        return await connection.ExecuteAsync("""
            INSERT INTO first_sign_ins (job_id, open_until, public_key, asked_at) SELECT id, ended_at + @Welcome, @key, now() FROM jobs WHERE id = @job
            ON CONFLICT (job_id) DO UPDATE SET public_key = excluded.public_key, asked_at = now(), sealed = NULL, sealed_at = NULL WHERE first_sign_ins.taken_at IS NULL
            """, new { job = job.Value, key, Welcome }, transaction) == 1;
    }, cancellation);

    /// <summary>The browser's look: with the sealed link as soon as it is there. The first look that finds it ends the asking.</summary>
    public Task<FirstSignIn> LookAsync(JobId job, CancellationToken cancellation) => database.InTransactionAsync(async (connection, transaction) =>
    {
        await WorkQueue.LockAsync(connection, transaction, JobStore.WorkOf(job));
        var found = await ReadAsync(connection, transaction, job);
        if (found.State != FirstSignInState.Made) return found with { Sealed = null };
        if (await connection.ExecuteAsync("UPDATE first_sign_ins SET taken_at = now() WHERE job_id = @job AND taken_at IS NULL", new { job = job.Value }, transaction) == 1)
            await JobEvents.AppendAsync(connection, transaction, job, EventKind.Note, new { message = "the link for the first sign-in was given to the browser that asked for it" });
        return found;
    }, cancellation);

    /// <summary>The key that waits for a link, for the beacon; null when nobody waits. A link that is worth nothing any more is forgotten.</summary>
    public async Task<byte[]?> WaitingKeyAsync(JobId job, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await connection.QuerySingleOrDefaultAsync<byte[]?>(new CommandDefinition("""
            UPDATE first_sign_ins SET sealed = NULL WHERE job_id = @job AND sealed_at <= now() - @Life AND sealed IS NOT NULL;
            SELECT public_key FROM first_sign_ins WHERE job_id = @job AND sealed_at IS NULL AND asked_at > now() - @Life AND taken_at IS NULL
            """, new { job = job.Value, Life }, cancellationToken: cancellation));
    }

    /// <summary>The beacon brings the link, sealed for this key; false when nobody waits with it any more.</summary>
    public async Task<bool> SealAsync(JobId job, byte[] key, byte[] sealedLink, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await connection.ExecuteAsync(new CommandDefinition("""
            UPDATE first_sign_ins SET sealed = @sealedLink, sealed_at = now() WHERE job_id = @job AND public_key = @key AND sealed_at IS NULL AND taken_at IS NULL
            """, new { job = job.Value, key, sealedLink }, cancellationToken: cancellation)) == 1;
    }

    /// <summary>Lets the customer ask once more, who must have been recognised before; false when there is no finished beacon with an agent.</summary>
    public Task<bool> OpenAsync(JobId job, Actor who, string reason, CancellationToken cancellation) => database.InTransactionAsync(async (connection, transaction) =>
    {
        await WorkQueue.LockAsync(connection, transaction, JobStore.WorkOf(job));
        var opened = await connection.ExecuteAsync("""
            INSERT INTO first_sign_ins (job_id, open_until)
            SELECT j.id, now() + @Again FROM jobs j JOIN beacon_agents a ON a.job_id = j.id WHERE j.id = @job AND j.state = 'completed' AND j.decommission_requested_at IS NULL
            ON CONFLICT (job_id) DO UPDATE SET open_until = excluded.open_until, public_key = NULL, asked_at = NULL, sealed = NULL, sealed_at = NULL, taken_at = NULL
            """, new { job = job.Value, Again }, transaction) == 1;
        var outcome = opened ? AuditOutcome.Done : AuditOutcome.Refused;
        await AuditLog.AppendAsync(connection, transaction, new AuditEntry(who, "open-first-sign-in", opened ? job : null, reason, outcome, opened ? null : ErrorCodes.FirstSignInClosed));
        if (opened) await JobEvents.AppendAsync(connection, transaction, job, EventKind.Note, new { message = "our team lets a link for the first sign-in be made once more" });
        return opened;
    }, cancellation);

    private static async Task<FirstSignIn> ReadAsync(NpgsqlConnection connection, NpgsqlTransaction? transaction, JobId job) =>
        await connection.QuerySingleOrDefaultAsync<Row?>(Select, new { job = job.Value, Life, Welcome }, transaction) is { } row
            ? new FirstSignIn(Enum.Parse<FirstSignInState>(row.State), row.Sealed)
            : new FirstSignIn(FirstSignInState.Closed, null);

    private sealed class Row
    {
        public string State { get; init; } = "";
        public byte[]? Sealed { get; init; }
    }
}
