using Dapper;
using Npgsql;
using Wopr.Incidents;
using Wopr.Platform;
using Wopr.Platform.Work;
using Wopr.Provisioning;
using Wopr.Provisioning.Ports;
using Wopr.Support;

namespace Wopr.Payments;

/// <summary>
/// Carries out what <see cref="Refunds"/> asked for. The attempt is written before the provider is asked and the refund's
/// id after; an attempt whose answer was lost is looked up first, and the provider takes the same request only once.
/// </summary>
public sealed partial class RefundDelivery(NpgsqlDataSource database, WorkQueue queue, IEnumerable<IPaymentProvider> providers, ILogger<RefundDelivery> logger) : IWorkHandler
{
    // Passing trouble that lasts longer than these attempts needs somebody who looks.
    private const int AttemptsBeforeIncident = 4;
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(1);

    private readonly IPaymentProvider? provider = providers.FirstOrDefault();

    public string Kind => Refunds.WorkKind;

    public async Task HandleAsync(WorkLease lease, CancellationToken cancellation)
    {
        var id = new JobId(lease.Key.Subject);
        var wanted = await AttemptAsync(lease, cancellation);
        if (wanted is not { State: "requested" })
        {
            await database.InTransactionAsync((connection, transaction) => queue.ReleaseAsync(connection, transaction, lease, Wake.Done, lease.Signals), cancellation);
            return;
        }
        if (provider is null) await PutOffAsync(lease, id, wanted, ErrorCodes.PaymentNotConfigured, "no payment provider is configured", cancellation);
        else if ((await ReturnAsync(provider, id, wanted, cancellation)).IsSuccess(out var refund, out var failure)) await DoneAsync(lease, id, refund, cancellation);
        else if (failure.ProviderCode == StripeErrors.AlreadyRefunded) await DoneAsync(lease, id, new ProviderRefund("", Failed: false), cancellation);
        else await PutOffAsync(lease, id, wanted, failure.Code, ProviderOutcome.Describe(failure), cancellation, hopeless: failure.Retry == Retry.Never);
    }

    private static async Task<ProviderResult<ProviderRefund>> ReturnAsync(IPaymentProvider provider, JobId id, Wanted wanted, CancellationToken cancellation)
    {
        if (wanted.Attempts > 1)
        {
            if (!(await provider.FindRefundAsync(id, wanted.PaymentId, cancellation)).IsSuccess(out var known, out var failure) && failure is not null) return failure;
            if (known is not null) return known;
        }
        return await provider.RefundAsync(id, wanted.PaymentId, cancellation);
    }

    private Task<Wanted?> AttemptAsync(WorkLease lease, CancellationToken cancellation) =>
        database.InTransactionAsync(async (connection, transaction) =>
        {
            await WorkQueue.GuardAsync(connection, transaction, lease);
            return await connection.QuerySingleOrDefaultAsync<Wanted?>(
                "UPDATE refunds SET attempts = attempts + 1 WHERE id = @Subject RETURNING payment_id, state, attempts", new { lease.Key.Subject }, transaction);
        }, cancellation);

    private async Task DoneAsync(WorkLease lease, JobId id, ProviderRefund refund, CancellationToken cancellation)
    {
        await database.InTransactionAsync(async (connection, transaction) =>
        {
            await WorkQueue.GuardAsync(connection, transaction, lease);
            await connection.ExecuteAsync("""
                UPDATE refunds SET state = @state, provider_id = @provider, returned_at = CASE WHEN @failed THEN NULL ELSE now() END WHERE id = @id
                """, new { id = id.Value, provider = refund.Id, state = refund.Failed ? "failed" : "returned", failed = refund.Failed }, transaction);
            if (!refund.Failed) await TellAsync(connection, transaction, id);
            if (refund.Failed) await IncidentStore.RaiseAsync(connection, transaction, Trouble(id, ErrorCodes.RefundFailed, Severity.Critical, $"the provider made the refund {refund.Id} and could not carry it out"));
            else await IncidentStore.CloseAsync(connection, transaction, Cause(id), "the money has gone back");
            await queue.ReleaseAsync(connection, transaction, lease, Wake.Done, lease.Signals);
        }, cancellation);
        Returned(logger, id.Value, refund.Id);
    }

    private async Task PutOffAsync(WorkLease lease, JobId id, Wanted wanted, ErrorCode code, string detail, CancellationToken cancellation, bool hopeless = false)
    {
        var pause = hopeless ? LongestPause : TimeSpan.FromSeconds(Math.Min(LongestPause.TotalSeconds, FirstPause.TotalSeconds * Math.Pow(2, Math.Min(wanted.Attempts - 1, 12))));
        PutOff(logger, id.Value, code.Value, detail, pause);
        await database.InTransactionAsync(async (connection, transaction) =>
        {
            await WorkQueue.GuardAsync(connection, transaction, lease);
            if (hopeless || wanted.Attempts >= AttemptsBeforeIncident)
                await IncidentStore.RaiseAsync(connection, transaction, Trouble(id, ErrorCodes.RefundFailed, hopeless ? Severity.Critical : Severity.Warning, $"{code}: {detail}"));
            await queue.ReleaseAsync(connection, transaction, lease, new Wake.After(pause), lease.Signals);
        }, cancellation);
    }

    /// <summary>A line on the job's timeline; a payment without a job has none.</summary>
    internal static async Task TellAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, JobId id)
    {
        var isJob = await connection.ExecuteScalarAsync<bool>("SELECT EXISTS (SELECT FROM jobs WHERE id = @id)", new { id = id.Value }, transaction);
        if (isJob) await JobEvents.AppendAsync(connection, transaction, id, EventKind.Note, new { message = "your payment has been returned" });
        await connection.ExecuteAsync("UPDATE checkouts SET state = 'returned' WHERE id = @id", new { id = id.Value }, transaction);
    }

    internal static IncidentCause Cause(JobId id) => new($"refund:{id}");

    internal static Trouble Trouble(JobId id, ErrorCode code, Severity severity, string detail) =>
        new(Cause(id), code, severity, Job: null, $"the payment of order {id} could not be returned yet", new { detail });

    private sealed record Wanted(string PaymentId, string State, int Attempts);

    [LoggerMessage(6001, LogLevel.Information, "the payment of {Order} went back with refund {Refund}")]
    private static partial void Returned(ILogger logger, Guid order, string refund);

    [LoggerMessage(6002, LogLevel.Warning, "the payment of {Order} could not go back: {Code} {Detail}; again in {Pause}")]
    private static partial void PutOff(ILogger logger, Guid order, string code, string detail, TimeSpan pause);
}
