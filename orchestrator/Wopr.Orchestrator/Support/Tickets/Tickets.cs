using Dapper;
using Npgsql;
using Wopr.Audit;
using Wopr.Platform;
using Wopr.Provisioning;
using Wopr.Support.Diagnosis;

namespace Wopr.Support.Tickets;

/// <summary>How urgent it is, by what is affected.</summary>
public enum TicketSeverity
{
    /// <summary>Several customers, or data or security: answered within 15 minutes.</summary>
    P0,

    /// <summary>One customer whose beacon is down or cannot be built: within one hour.</summary>
    P1,

    /// <summary>Something works less well, or waits: within eight hours.</summary>
    P2,

    /// <summary>A question, or a wish: within three days.</summary>
    P3,
}

/// <summary>What a ticket is about.</summary>
public enum Affected
{
    AllCustomers,
    Security,
    Data,
    Beacon,
    Order,
    Application,
    Mail,
    Question,
}

public sealed class Ticket
{
    public long Id { get; init; }
    public string Cause { get; init; } = "";
    public string Severity { get; init; } = "";
    public string? Code { get; init; }
    public Guid? JobId { get; init; }
    public string Summary { get; init; } = "";

    /// <summary>How often it was opened while open.</summary>
    public int Count { get; init; }
    public string OpenedBy { get; init; } = "";
    public DateTimeOffset OpenedAt { get; init; }
    public DateTimeOffset LastAt { get; init; }
    public DateTimeOffset RespondBy { get; init; }
    public DateTimeOffset? ClosedAt { get; init; }
    public string? ClosedWhy { get; init; }
}

/// <summary>What humans are to look at: one open ticket for each cause, the more urgent of two wins. All SQL about them is here.</summary>
public sealed class Tickets(NpgsqlDataSource database)
{
    public const int LongestSummary = 2000;

    private const string Columns = "id, cause, severity, code, job_id, summary, count, opened_by, opened_at, last_at, respond_by, closed_at, closed_why";

    public static TicketSeverity SeverityOf(Affected affected) => affected switch
    {
        Affected.AllCustomers or Affected.Security or Affected.Data => TicketSeverity.P0,
        Affected.Beacon or Affected.Order => TicketSeverity.P1,
        Affected.Application or Affected.Mail => TicketSeverity.P2,
        _ => TicketSeverity.P3,
    };

    /// <summary>Within which somebody answers.</summary>
    public static TimeSpan ResponseTime(TicketSeverity severity) => severity switch
    {
        TicketSeverity.P0 => TimeSpan.FromMinutes(15),
        TicketSeverity.P1 => TimeSpan.FromHours(1),
        TicketSeverity.P2 => TimeSpan.FromHours(8),
        _ => TimeSpan.FromDays(3),
    };

    /// <summary>Opens a ticket, or counts up the open one of the same cause. The summary is masked, and freed of what no reader should meet, before it is stored.</summary>
    public Task<(Ticket Ticket, bool IsNew)> OpenAsync(Affected affected, ErrorCode? code, JobId? job, string summary, Actor who, CancellationToken cancellation)
    {
        var severity = SeverityOf(affected);
        var masked = LogText.Harmless(summary);
        // A trouble of one job is one cause whoever tells of it; one without a job is told apart by what it says.
        var cause = job is not null || code is not null ? $"{code?.Value ?? "unknown"}:{job?.ToString() ?? "all"}" : $"text:{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(masked.ToLowerInvariant())))[..16]}";
        return database.InTransactionAsync(async (connection, transaction) =>
        {
            var ticket = await connection.QuerySingleAsync<Ticket>($"""
                INSERT INTO tickets (cause, severity, code, job_id, summary, opened_by, respond_by) VALUES (@cause, @severity, @code, @job, @masked, @Name, now() + @within)
                ON CONFLICT (cause) WHERE closed_at IS NULL DO UPDATE SET count = tickets.count + 1, last_at = now(),
                    severity = least(tickets.severity, excluded.severity), respond_by = least(tickets.respond_by, excluded.respond_by)
                RETURNING {Columns}
                """, new { cause, severity = severity.ToString(), code = code?.Value, job = job?.Value, masked, who.Name, within = ResponseTime(severity) }, transaction);
            await AuditLog.AppendAsync(connection, transaction, new AuditEntry(who, "open-ticket", job, masked.Length > 500 ? masked[..500] : masked, ticket.Count == 1 ? AuditOutcome.Done : AuditOutcome.Already, code, $"ticket {ticket.Id} {ticket.Severity}"));
            return (ticket, ticket.Count == 1);
        }, cancellation);
    }

    public async Task<IReadOnlyList<Ticket>> ListAsync(bool openOnly, int limit, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rows = await connection.QueryAsync<Ticket>(new CommandDefinition(
            $"SELECT {Columns} FROM tickets WHERE NOT @openOnly OR closed_at IS NULL ORDER BY closed_at IS NOT NULL, severity, respond_by LIMIT @limit", new { openOnly, limit = Math.Clamp(limit, 1, 200) }, cancellationToken: cancellation));
        return [.. rows];
    }

    /// <summary>False when there is no open ticket of this number.</summary>
    public Task<bool> CloseAsync(long id, string why, Actor who, CancellationToken cancellation) => database.InTransactionAsync(async (connection, transaction) =>
    {
        if (await connection.ExecuteAsync("UPDATE tickets SET closed_at = now(), closed_why = @why WHERE id = @id AND closed_at IS NULL", new { id, why }, transaction) == 0) return false;
        await AuditLog.AppendAsync(connection, transaction, new AuditEntry(who, "close-ticket", null, why, AuditOutcome.Done, Detail: $"ticket {id}"));
        return true;
    }, cancellation);
}
