using Dapper;
using Npgsql;
using Wopr.Platform;
using Wopr.Platform.Work;
using Wopr.Provisioning;
using Wopr.Support;

namespace Wopr.Incidents;

/// <summary>Sets poison aside with one incident: work that kills its process or always throws, and that has no better end.</summary>
public sealed partial class Quarantine(NpgsqlDataSource database, IncidentStore incidents, ILogger<Quarantine> logger) : IQuarantine
{
    public Task PutAsync(WorkLease lease, CancellationToken cancellation)
    {
        Quarantined(logger, lease.Key.Kind, lease.Key.Subject, WorkLease.MostAttempts);
        return database.InTransactionAsync(async (connection, transaction) =>
        {
            await WorkQueue.GuardAsync(connection, transaction, lease);
            var error = await connection.ExecuteScalarAsync<string?>("""
                UPDATE work_items SET quarantined_at = now(), lease_until = NULL, lease_owner = NULL
                WHERE kind = @Kind AND subject = @Subject RETURNING last_error
                """, new { lease.Key.Kind, lease.Key.Subject }, transaction);
            await IncidentStore.RaiseAsync(connection, transaction, new(
                IncidentCause.Work(lease.Key), ErrorCodes.StepFailedUnexpectedly, Severity.Critical,
                lease.Key.Kind == JobStore.WorkKind ? new JobId(lease.Key.Subject) : null,
                $"{lease.Key.Kind}: {WorkLease.MostAttempts} attempts ended without an outcome; it is set aside",
                new { lease.Key.Kind, lease.Key.Subject, lease.Deaths, last_error = error }));
        }, cancellation);
    }

    public Task RecoveredAsync(WorkKey key, CancellationToken cancellation) => incidents.CloseAsync(IncidentCause.Work(key), "it was driven in good order", cancellation);

    [LoggerMessage(1801, LogLevel.Error, "JOB-001 {Kind} {Subject}: {Attempts} attempts ended without an outcome, quarantined")]
    private static partial void Quarantined(ILogger logger, string kind, Guid subject, int attempts);
}
