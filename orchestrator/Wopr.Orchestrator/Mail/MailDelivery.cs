using Dapper;
using Npgsql;
using Wopr.Platform.Crossings;
using Wopr.Platform.Work;

namespace Wopr.Mail;

/// <summary>Delivers what is in the outbox, each message until it is taken.</summary>
public sealed class MailDelivery(NpgsqlDataSource database, WorkQueue queue, IPostOffice office) : IWorkHandler
{
    public const string WorkKind = "mail";

    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(1);

    public string Kind => WorkKind;

    public async Task HandleAsync(WorkLease lease, CancellationToken cancellation)
    {
        var mail = await FindAsync(lease.Key.Subject, cancellation);
        if (mail is null || mail.SentAt is not null)
        {
            await queue.ReleaseAsync(lease, Wake.Done, lease.Signals, cancellation);
            return;
        }
        CrossingPoints.Before(CrossingPoints.Call, "mail.deliver");
        var trouble = await office.DeliverAsync(mail, cancellation);
        CrossingPoints.After(CrossingPoints.Call, "mail.deliver");
        var pause = TimeSpan.FromSeconds(Math.Min(LongestPause.TotalSeconds, 10 * Math.Pow(2, mail.Attempts)));
        await queue.ReleaseAsync(lease, trouble is null ? Wake.Done : new Wake.After(pause), lease.Signals, cancellation, beside: TriedSql, besideValues: new { trouble });
    }

    private async Task<OutboxMail?> FindAsync(Guid id, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await connection.QuerySingleOrDefaultAsync<OutboxMail?>(new CommandDefinition(
            "SELECT id, kind, recipient, subject, text, html, created_at, sent_at, attempts FROM outbox WHERE id = @id", new { id }, cancellationToken: cancellation));
    }

    private const string TriedSql = """
        UPDATE outbox SET attempts = attempts + 1, last_error = @trouble, sent_at = CASE WHEN @trouble IS NULL THEN now() END
        WHERE id = @workSubject AND EXISTS (SELECT FROM released)
        """;
}

/// <summary>A message as it stands in the outbox.</summary>
public sealed class OutboxMail
{
    public Guid Id { get; init; }
    public string Kind { get; init; } = "";
    public string Recipient { get; init; } = "";
    public string Subject { get; init; } = "";
    public string Text { get; init; } = "";
    public string Html { get; init; } = "";
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? SentAt { get; init; }
    public int Attempts { get; init; }
}

/// <summary>Takes a message, or says why not. A repeat carries the same Message-ID.</summary>
public interface IPostOffice
{
    Task<string?> DeliverAsync(OutboxMail mail, CancellationToken cancellation);
}
