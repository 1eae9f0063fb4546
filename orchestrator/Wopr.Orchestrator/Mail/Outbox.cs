using Dapper;
using Npgsql;
using Wopr.Platform.Work;
using Wopr.Provisioning;

namespace Wopr.Mail;

/// <summary>The table of mails to be delivered.</summary>
public static class Outbox
{
    /// <summary>One mail of a kind per job, whatever repeats. Its delivery is work of its own. Part of the caller's transaction.</summary>
    public static async Task PostAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, Guid id, JobId job, string kind, string recipient, CustomerMail mail)
    {
        var added = await connection.ExecuteAsync("""
            INSERT INTO outbox (id, job_id, kind, recipient, subject, text, html) VALUES (@id, @job, @kind, @recipient, @Subject, @Text, @Html)
            ON CONFLICT (job_id, kind) DO NOTHING
            """, new { id, job = job.Value, kind, recipient, mail.Subject, mail.Text, mail.Html }, transaction);
        if (added == 1) await WorkQueue.EnqueueAsync(connection, transaction, new(MailDelivery.WorkKind, id), priority: 6);
    }
}
