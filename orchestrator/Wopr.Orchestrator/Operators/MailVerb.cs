using Dapper;
using Npgsql;
using Wopr.Mail;
using Wopr.Platform;
using Wopr.Platform.Work;

namespace Wopr.Operators;

/// <summary>Sends a job's last mail once more, as a message of its own; one that still waits is tried at once.</summary>
public sealed class MailVerb(IIdSource ids)
{
    internal async Task<VerbOutcome> DoAsync(VerbSubject job, NpgsqlConnection connection, NpgsqlTransaction transaction)
    {
        var last = await connection.QuerySingleOrDefaultAsync<LastMail?>("""
            SELECT id, kind, sent_at IS NOT NULL AS sent, (SELECT count(*)::int FROM outbox WHERE job_id = @Id) AS count
            FROM outbox WHERE job_id = @Id ORDER BY created_at DESC, id DESC LIMIT 1
            """, new { job.Id }, transaction);
        if (last is null) return VerbOutcome.DoesNotApply("No mail has been written for this job yet.");
        if (!last.Sent)
        {
            await WorkSteering.ReviveAsync(connection, transaction, new(MailDelivery.WorkKind, last.Id), priority: 6);
            return new VerbOutcome.Already($"The mail '{last.Kind}' is still waiting; its delivery is tried at once.");
        }
        var id = ids.NewId();
        await connection.ExecuteAsync("""
            INSERT INTO outbox (id, job_id, kind, recipient, subject, text, html)
            SELECT @id, job_id, split_part(kind, '.', 1) || '.' || (@Count + 1), recipient, subject, text, html FROM outbox WHERE id = @last
            """, new { id, last.Count, last = last.Id }, transaction);
        await WorkQueue.EnqueueAsync(connection, transaction, new(MailDelivery.WorkKind, id), priority: 6);
        return new VerbOutcome.Done($"The mail '{last.Kind.Split('.')[0]}' is sent once more.");
    }

    private sealed record LastMail(Guid Id, string Kind, bool Sent, int Count);
}
