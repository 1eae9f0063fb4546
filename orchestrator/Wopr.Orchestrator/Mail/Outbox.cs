using Dapper;
using Npgsql;
using Wopr.Platform;
using Wopr.Platform.Work;
using Wopr.Provisioning;

namespace Wopr.Mail;

/// <summary>The table of mails to be delivered.</summary>
public static class Outbox
{
    /// <summary>One mail of a kind per job, whatever repeats. Its delivery is work of its own. Part of the caller's transaction.</summary>
    public static async Task PostAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, JobId job, OutgoingMail mail)
    {
        var values = new DynamicParameters(mail.Values);
        values.Add("job", job.Value);
        await connection.ExecuteAsync(PostSql, values, transaction);
        await Announcements.TellAsync(connection, transaction, WorkQueue.News);
    }

    /// <summary>The same among other statements. Whoever commits them tells <see cref="WorkQueue.News"/>.</summary>
    public const string PostSql = $"""
        WITH added AS (
            INSERT INTO outbox (id, job_id, kind, recipient, subject, text, html) VALUES (@id, @job, @kind, @recipient, @Subject, @Text, @Html)
            ON CONFLICT (job_id, kind) DO NOTHING RETURNING id)
        INSERT INTO work_items (kind, subject, priority, wake_at) SELECT '{MailDelivery.WorkKind}', id, 6, now() FROM added
        ON CONFLICT DO NOTHING
        """;
}
