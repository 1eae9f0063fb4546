using Dapper;
using Npgsql;
using Wopr.Platform;
using Wopr.Provisioning;
using Wopr.Support;

namespace Wopr.Audit;

/// <summary>The append-only record of every action of operators and support. The database itself refuses changes to it.</summary>
public sealed class AuditLog(NpgsqlDataSource database)
{
    /// <summary>The most that <see cref="ListAsync"/> hands out at once.</summary>
    public const int LargestPage = 200;

    /// <summary>Part of the transaction of the action that it tells of: either both are kept or neither.</summary>
    public static Task AppendAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, AuditEntry entry) =>
        connection.ExecuteAsync("""
            INSERT INTO audit_log (actor_kind, actor, action, job_id, reason, outcome, code, detail)
            VALUES (@kind, @name, @Action, @job, @Reason, @Outcome, @code, @Detail)
            """, new
        {
            kind = entry.Who.Kind,
            name = entry.Who.Name,
            entry.Action,
            job = entry.Job?.Value,
            entry.Reason,
            entry.Outcome,
            code = entry.Code?.Value,
            entry.Detail,
        }, transaction);

    /// <summary>Of an action that is not in this database, such as one at a provider.</summary>
    public async Task AppendAsync(AuditEntry entry, CancellationToken cancellation) =>
        await database.InTransactionAsync((connection, transaction) => AppendAsync(connection, transaction, entry), cancellation);

    /// <summary>Newest first. A page begins below <paramref name="before"/>, the id of the last row of the page before it.</summary>
    /// <param name="limit">1 to <see cref="LargestPage"/>.</param>
    public async Task<IReadOnlyList<AuditRow>> ListAsync(JobId? job, long? before, int limit, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var sql = job is null
            ? "SELECT id, at, actor_kind, actor, action, job_id, reason, outcome, code, detail FROM audit_log WHERE id < @before ORDER BY id DESC LIMIT @limit"
            : "SELECT id, at, actor_kind, actor, action, job_id, reason, outcome, code, detail FROM audit_log WHERE job_id = @job AND id < @before ORDER BY id DESC LIMIT @limit";
        var rows = await connection.QueryAsync<AuditRow>(new CommandDefinition(sql,
            new { job = job?.Value, before = before ?? long.MaxValue, limit = Math.Clamp(limit, 1, LargestPage) }, cancellationToken: cancellation));
        return [.. rows];
    }
}

/// <summary>One action, as whoever carries it out writes it down.</summary>
/// <param name="Action">A word: <c>cancel</c>, <c>resume</c>, <c>purge-cache</c>.</param>
/// <param name="Reason">Why, in the words of whoever did it.</param>
/// <param name="Outcome">One of <see cref="AuditOutcome"/>.</param>
/// <param name="Code">Why it was refused; null otherwise.</param>
/// <param name="Detail">What exactly was done. Never a secret.</param>
public sealed record AuditEntry(Actor Who, string Action, JobId? Job, string Reason, string Outcome, ErrorCode? Code = null, string? Detail = null)
{
    /// <summary>The <see cref="Reason"/> of an action that changes nothing of a job and so is asked for without one.</summary>
    public const string NoReason = "";
}

public static class AuditOutcome
{
    /// <summary>Something outside this database is about to be asked for; another row tells how it went, unless that was never known.</summary>
    public const string Begun = "begun";
    public const string Done = "done";

    /// <summary>It had been done before; nothing was changed.</summary>
    public const string Already = "already";
    public const string Refused = "refused";
}

/// <summary>One row of the audit log.</summary>
public sealed class AuditRow
{
    public long Id { get; init; }
    public DateTimeOffset At { get; init; }
    public string ActorKind { get; init; } = "";
    public string Actor { get; init; } = "";
    public string Action { get; init; } = "";
    public Guid? JobId { get; init; }
    public string Reason { get; init; } = "";
    public string Outcome { get; init; } = "";
    public string? Code { get; init; }
    public string? Detail { get; init; }
}
