using Dapper;
using Npgsql;

namespace Wopr.Operators.Boards;

/// <summary>Mails: those that wait first, then the last that were sent. Without addresses and texts.</summary>
public sealed class OutboxBoard(NpgsqlDataSource database)
{
    private const int Most = 100;

    public async Task<IReadOnlyList<OutboxMail>> ReadAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return [.. await connection.QueryAsync<OutboxMail>(new CommandDefinition("""
            (SELECT o.job_id, j.fqdn, o.kind, o.created_at, o.sent_at, o.attempts, o.last_error FROM outbox o JOIN jobs j ON j.id = o.job_id
             WHERE sent_at IS NULL ORDER BY o.created_at LIMIT @Most)
            UNION ALL
            (SELECT o.job_id, j.fqdn, o.kind, o.created_at, o.sent_at, o.attempts, o.last_error FROM outbox o JOIN jobs j ON j.id = o.job_id
             WHERE sent_at IS NOT NULL ORDER BY o.sent_at DESC LIMIT @Most)
            """, new { Most }, cancellationToken: cancellation))];
    }
}

public sealed class OutboxMail
{
    public Guid JobId { get; init; }
    public string Fqdn { get; init; } = "";
    public string Kind { get; init; } = "";
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Null: it waits.</summary>
    public DateTimeOffset? SentAt { get; init; }
    public int Attempts { get; init; }
    public string? LastError { get; init; }
}
