using Dapper;
using Npgsql;
using Wopr.Platform;
using Wopr.Platform.Work;
using Wopr.Provisioning;
using Wopr.Provisioning.Ports;

namespace Wopr.Payments;

/// <summary>
/// Watches one checkout until it is paid or nobody can pay it any more. It asks the provider when the customer comes back
/// and before the name is given up, so that news that are lost on their way cost nobody an order.
/// </summary>
public sealed partial class CheckoutWatch(NpgsqlDataSource database, WorkQueue queue, Checkouts checkouts, Settlement settlement, IEnumerable<IPaymentProvider> providers, ILogger<CheckoutWatch> logger)
    : IWorkHandler
{
    // Bank transfers arrive within two weeks; what is closed is kept as long as a payment may still turn up, then forgotten.
    private static readonly TimeSpan Memory = TimeSpan.FromDays(30);
    private static readonly TimeSpan Daily = TimeSpan.FromDays(1);
    private static readonly TimeSpan Trouble = TimeSpan.FromSeconds(30);

    private readonly IPaymentProvider? provider = providers.FirstOrDefault();

    public string Kind => Checkouts.WorkKind;

    public async Task HandleAsync(WorkLease lease, CancellationToken cancellation)
    {
        var id = new JobId(lease.Key.Subject);
        var checkout = await checkouts.FindAsync(id, cancellation);
        if (checkout is null || checkout.State is "paid" or "returned") await ReleaseAsync(lease, Wake.Done, cancellation);
        else if (checkout.State == "closed") await ForgetAsync(lease, id, cancellation);
        else if (checkout.SessionId is not { } session || provider is null) await WithoutSessionAsync(lease, id, checkout, cancellation);
        else await AskAsync(provider, lease, id, checkout, session, cancellation);
    }

    private async Task AskAsync(IPaymentProvider provider, WorkLease lease, JobId id, CheckoutRow checkout, string sessionId, CancellationToken cancellation)
    {
        if (!(await provider.FindAsync(sessionId, cancellation)).IsSuccess(out var session, out var failure))
        {
            await PutOffAsync(lease, id, failure, cancellation);
            return;
        }
        switch (session)
        {
            case { State: SessionState.Paid, Payment: { } payment }:
                await database.InTransactionAsync(async (connection, transaction) =>
                {
                    await WorkQueue.GuardAsync(connection, transaction, lease);
                    var outcome = await settlement.SettleAsync(connection, transaction, id, sessionId, payment);
                    Found(logger, id.Value, outcome.Word);
                    if (outcome.Code is { } code && outcome.Word == "refused")
                    {
                        await PaymentEvents.RaiseAsync(connection, transaction, payment.Id, code, $"the payment of checkout {id} was found at the provider and waits for a decision", new { payment.Cents, payment.Currency });
                        await Checkouts.CloseAsync(connection, transaction, id);
                    }
                    // One that is still closed after this is kept for a while, as others are.
                    await queue.ReleaseAsync(connection, transaction, lease, outcome.Word == "refused" ? new Wake.After(Memory) : Wake.Done, lease.Signals);
                }, cancellation);
                break;
            case { State: SessionState.Processing }:
                await ReleaseAsync(lease, new Wake.After(Daily), cancellation);
                break;
            case { State: SessionState.Expired }:
                await CloseAsync(lease, id, cancellation);
                break;
            case { State: SessionState.Open } when checkout.Held:
                await ReleaseAsync(lease, new Wake.After(TimeSpan.FromSeconds(checkout.SecondsLeft)), cancellation);
                break;
            default:
                // From here on nobody can pay; whoever was faster is seen at the next look.
                if ((await provider.CloseAsync(sessionId, cancellation)).IsSuccess(out _, out failure)) await CloseAsync(lease, id, cancellation);
                else await PutOffAsync(lease, id, failure, cancellation);
                break;
        }
    }

    /// <summary>Nobody was ever shown where to pay.</summary>
    private Task WithoutSessionAsync(WorkLease lease, JobId id, CheckoutRow checkout, CancellationToken cancellation) =>
        checkout.Held ? ReleaseAsync(lease, new Wake.After(TimeSpan.FromSeconds(checkout.SecondsLeft)), cancellation) : CloseAsync(lease, id, cancellation);

    private Task CloseAsync(WorkLease lease, JobId id, CancellationToken cancellation) =>
        database.InTransactionAsync(async (connection, transaction) =>
        {
            await WorkQueue.GuardAsync(connection, transaction, lease);
            await Checkouts.CloseAsync(connection, transaction, id);
            await queue.ReleaseAsync(connection, transaction, lease, new Wake.After(Memory), lease.Signals);
        }, cancellation);

    private Task ForgetAsync(WorkLease lease, JobId id, CancellationToken cancellation) =>
        database.InTransactionAsync(async (connection, transaction) =>
        {
            await WorkQueue.GuardAsync(connection, transaction, lease);
            // Closed by an event before its time: it is kept as long as the others.
            var left = await connection.ExecuteScalarAsync<double>("SELECT extract(epoch FROM hold_until + @Memory - now())::float8 FROM checkouts WHERE id = @id", new { id = id.Value, Memory }, transaction);
            if (left <= 0) await connection.ExecuteAsync("DELETE FROM checkouts WHERE id = @id AND state = 'closed'", new { id = id.Value }, transaction);
            await queue.ReleaseAsync(connection, transaction, lease, left <= 0 ? Wake.Done : new Wake.After(TimeSpan.FromSeconds(left)), lease.Signals);
        }, cancellation);

    private async Task PutOffAsync(WorkLease lease, JobId id, ProviderFailure failure, CancellationToken cancellation)
    {
        PutOff(logger, id.Value, failure.Code.Value, ProviderOutcome.Describe(failure));
        await ReleaseAsync(lease, new Wake.After(failure.RetryAfter is { } after && after > Trouble ? after : Trouble), cancellation);
    }

    private Task ReleaseAsync(WorkLease lease, Wake wake, CancellationToken cancellation) =>
        database.InTransactionAsync((connection, transaction) => queue.ReleaseAsync(connection, transaction, lease, wake, lease.Signals), cancellation);

    [LoggerMessage(6011, LogLevel.Information, "checkout {Checkout} was found paid: {Outcome}")]
    private static partial void Found(ILogger logger, Guid checkout, string outcome);

    [LoggerMessage(6012, LogLevel.Warning, "checkout {Checkout} cannot be looked at: {Code} {Detail}")]
    private static partial void PutOff(ILogger logger, Guid checkout, string code, string detail);
}
