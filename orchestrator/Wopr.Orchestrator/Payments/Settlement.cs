using Dapper;
using Npgsql;
using Wopr.Checkout;
using Wopr.Platform.Work;
using Wopr.Provisioning;
using Wopr.Support;

namespace Wopr.Payments;

/// <summary>What a payment came to.</summary>
/// <param name="Word">As it stands in <c>payment_events.outcome</c>.</param>
/// <param name="Code">Why it was refused, or why an operator should look; null when all is well.</param>
public sealed record PaymentOutcome(string Word, ErrorCode? Code = null)
{
    public static readonly PaymentOutcome JobCreated = new("job_created");
    public static readonly PaymentOutcome Repeated = new("repeated");
    public static readonly PaymentOutcome Recorded = new("recorded");
    public static readonly PaymentOutcome Ignored = new("ignored");

    public static PaymentOutcome Refused(ErrorCode code) => new("refused", code);

    /// <summary>The money goes back.</summary>
    public static PaymentOutcome Returned(ErrorCode code) => new("returned", code);

    /// <summary>Recorded; what to do about it is an operator's decision.</summary>
    public static PaymentOutcome ForOperators(ErrorCode code) => new("for_operators", code);
}

/// <summary>Turns money that has arrived into a job: once for a checkout, whoever brings the news and however often.</summary>
public sealed class Settlement(OrderIntake intake)
{
    /// <summary>Part of the caller's transaction, which is what makes a repeated event one job.</summary>
    public async Task<PaymentOutcome> SettleAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, JobId id, string sessionId, Payment payment)
    {
        // News of one payment queue here: a refund that overtakes it is either seen now, or sees what is written now.
        await OrderIntake.LockAsync(connection, transaction, $"payment\n{payment.Id}");
        await WorkQueue.LockAsync(connection, transaction, JobStore.WorkOf(id));
        var checkout = await connection.QuerySingleOrDefaultAsync<Row?>("""
            SELECT state, session_id, bundle, tier, beacon_name, email, location, price_cents, currency, fingerprint FROM checkouts WHERE id = @id FOR UPDATE
            """, new { id = id.Value }, transaction);
        if (checkout is null || (checkout.SessionId is not null && checkout.SessionId != sessionId)) return PaymentOutcome.Refused(ErrorCodes.PaymentForUnknownOrder);
        if (checkout.State is "paid" or "returned") return PaymentOutcome.Repeated;
        if (payment.Cents != checkout.PriceCents || !string.Equals(payment.Currency, checkout.Currency, StringComparison.OrdinalIgnoreCase))
            return PaymentOutcome.Refused(ErrorCodes.PaymentDiffers);
        if (await IsReturnedAsync(connection, transaction, payment.Id))
        {
            await CloseAsync(connection, transaction, id, sessionId, payment, "returned");
            return PaymentOutcome.Recorded;
        }

        await OrderIntake.LockAsync(connection, transaction, OrderIntake.NameLock(checkout.BeaconName));
        if (checkout.Email is null || await OrderIntake.IsHeldByAnotherAsync(connection, transaction, checkout.BeaconName, id))
        {
            await Refunds.RequestForCheckoutAsync(connection, transaction, id, payment, ErrorCodes.PaymentCameTooLate);
            await CloseAsync(connection, transaction, id, sessionId, payment, "returned");
            return PaymentOutcome.Returned(ErrorCodes.PaymentCameTooLate);
        }
        var line = new OrderLine(checkout.Bundle, checkout.Tier, checkout.BeaconName, checkout.Email, checkout.Location, checkout.PriceCents, checkout.Currency, checkout.Fingerprint);
        await intake.CreateAsync(connection, transaction, id, line, OrderSource.Payment, paid: true, new PaidBy(sessionId, payment.Id));
        await CloseAsync(connection, transaction, id, sessionId, payment, "paid");
        return PaymentOutcome.JobCreated;
    }

    // The order has the e-mail address from now on, or nobody needs it any more.
    private static Task<int> CloseAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, JobId id, string sessionId, Payment payment, string state) =>
        connection.ExecuteAsync("UPDATE checkouts SET state = @state, session_id = @sessionId, payment_id = @payment, email = NULL WHERE id = @id",
            new { id = id.Value, sessionId, payment = payment.Id, state }, transaction);

    private static Task<bool> IsReturnedAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, string paymentId) =>
        connection.ExecuteScalarAsync<bool>("""
            SELECT EXISTS (SELECT FROM refunds WHERE payment_id = @paymentId)
                OR EXISTS (SELECT FROM payment_events WHERE payment_id = @paymentId AND type = 'charge.refunded' AND (payload->>'whole')::boolean)
            """, new { paymentId }, transaction);

    private sealed class Row
    {
        public string State { get; init; } = "";
        public string? SessionId { get; init; }
        public string Bundle { get; init; } = "";
        public short Tier { get; init; }
        public string BeaconName { get; init; } = "";
        public string? Email { get; init; }
        public string? Location { get; init; }
        public int PriceCents { get; init; }
        public string Currency { get; init; } = "";
        public byte[] Fingerprint { get; init; } = [];
    }
}
