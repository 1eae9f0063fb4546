using Dapper;
using Npgsql;
using Wopr.Platform;
using Wopr.Platform.Work;
using Wopr.Provisioning;

namespace Wopr.Mail;

/// <summary>Tells a customer whose beacon should be ready by now that it is not: once, before they have to ask.</summary>
public sealed partial class DelayNotices(NpgsqlDataSource database, WorkQueue queue, JobStore jobs, CustomerMails mails, ILogger<DelayNotices> logger)
    : RecurringWork(database, queue)
{
    /// <summary>Twice what the mail on receipt promises as a rule.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(30);

    private const int MostAtOnce = 100;

    private readonly NpgsqlDataSource database = database;

    public override string Kind => "delay_notices";

    protected override TimeSpan Period => TimeSpan.FromMinutes(1);

    protected override async Task<TimeSpan> RunAsync(WorkLease lease, CancellationToken cancellation)
    {
        foreach (var id in await LateAsync(cancellation)) await TellAsync(id, cancellation);
        return Period;
    }

    /// <summary>Jobs that are being built for too long and whose customers do not know yet. A failed one has had its own mail.</summary>
    private async Task<IReadOnlyList<JobId>> LateAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return [.. (await connection.QueryAsync<Guid>(new CommandDefinition("""
            SELECT j.id FROM jobs j JOIN orders o ON o.id = j.order_id
            WHERE j.ended_at IS NULL AND j.state NOT IN ('pending', 'failed', 'rolling_back') AND o.paid_at < now() - @Patience
              AND NOT EXISTS (SELECT FROM outbox m WHERE m.job_id = j.id AND m.kind = @kind)
            ORDER BY o.paid_at LIMIT @MostAtOnce
            """, new { Patience, MostAtOnce, kind = CustomerMails.Word(Occasion.Delayed) }, cancellationToken: cancellation))).Select(i => new JobId(i))];
    }

    private async Task TellAsync(JobId id, CancellationToken cancellation)
    {
        if (await jobs.FindAsync(id, cancellation) is not { } job) return;
        if (!mails.Write(job, Occasion.Delayed, out var mail, out var why))
        {
            NoMail(logger, id.Value, why);
            return;
        }
        await database.InTransactionAsync(async (connection, transaction) =>
        {
            await WorkQueue.LockAsync(connection, transaction, JobStore.WorkOf(id));
            await Outbox.PostAsync(connection, transaction, id, mail);
        }, cancellation);
    }

    [LoggerMessage(2023, LogLevel.Error, "job {Job} is late, and its customer gets no mail: {Why}")]
    private static partial void NoMail(ILogger logger, Guid job, string why);
}
