using System.Security.Cryptography;
using Dapper;
using Npgsql;
using Wopr.Checkout;
using Wopr.Incidents;
using Wopr.Platform;
using Wopr.Platform.Work;
using Wopr.Provisioning;
using Wopr.Support;

namespace Wopr.Payments;

/// <summary>Takes the payment provider's events: each once, in the transaction of all that follows from it.</summary>
public sealed class PaymentEvents(NpgsqlDataSource database, Settlement settlement, Settings settings)
{
    /// <summary>Refusals of one day that are kept of deliveries whose sender is not known.</summary>
    public const int MostUnsigned = 100;

    /// <summary>How old a delivery is, by the database's clock; negative when it comes from the future.</summary>
    public async Task<TimeSpan> AgeAsync(DateTimeOffset signedAt, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return TimeSpan.FromSeconds(await connection.ExecuteScalarAsync<double>(new CommandDefinition(
            "SELECT extract(epoch FROM now() - @signedAt)::float8", new { signedAt }, cancellationToken: cancellation)));
    }

    /// <summary>Returns after the commit. An event that was taken before changes nothing.</summary>
    public Task<PaymentOutcome> TakeAsync(PaymentEvent news, CancellationToken cancellation) =>
        database.InTransactionAsync(async (connection, transaction) =>
        {
            // A second delivery at the same moment waits here for the first one's end.
            var isNew = await connection.ExecuteAsync("""
                INSERT INTO payment_events (id, type, outcome, payload, checkout_id, payment_id) VALUES (@Id, @Type, 'taken', @payload::jsonb, @checkout, @PaymentId)
                ON CONFLICT (id) DO NOTHING
                """, new { news.Id, news.Type, payload = Json.Write(news), checkout = news.Checkout?.Value, news.PaymentId }, transaction) == 1;
            if (!isNew)
            {
                await connection.ExecuteAsync("UPDATE payment_events SET times = times + 1 WHERE id = @Id", new { news.Id }, transaction);
                return PaymentOutcome.Repeated;
            }
            var outcome = await FollowAsync(connection, transaction, news);
            await connection.ExecuteAsync("""
                UPDATE payment_events SET outcome = @Word, code = @code, order_id = (SELECT order_id FROM jobs WHERE id = @checkout) WHERE id = @Id
                """, new { news.Id, outcome.Word, code = outcome.Code?.Value, checkout = news.Checkout?.Value }, transaction);
            if (outcome.Code is { } code && outcome.Word is "refused" or "for_operators")
                await RaiseAsync(connection, transaction, news.PaymentId ?? news.Object ?? news.Id, code,
                    $"payment event {news.Id} ({news.Type}) waits for a decision", new { news.Type, news.Object, news.PaymentId, news.Cents, news.Currency });
            return outcome;
        }, cancellation);

    /// <summary>Keeps a refused delivery for the operator: its fingerprint, not its content, of which nothing is known to be true.</summary>
    public async Task KeepRefusedAsync(ReadOnlyMemory<byte> body, ErrorCode code, CancellationToken cancellation)
    {
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(body.Span));
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition("""
            INSERT INTO payment_events (id, type, outcome, code, payload)
            SELECT @id, 'unknown', 'refused', @code, @payload::jsonb
            WHERE (SELECT count(*) FROM payment_events WHERE code = @code AND type = 'unknown' AND received_at > now() - interval '1 day') < @MostUnsigned
            ON CONFLICT (id) DO UPDATE SET times = payment_events.times + 1
            """, new { id = $"refused:{code}:{sha256}", code = code.Value, payload = Json.Write(new { sha256, bytes = body.Length }), MostUnsigned }, cancellationToken: cancellation));
    }

    /// <summary>Newest first; <paramref name="all"/> also those that went well.</summary>
    public async Task<IReadOnlyList<KeptEvent>> ListAsync(bool all, int limit, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return [.. await connection.QueryAsync<KeptEvent>(new CommandDefinition("""
            SELECT id, type, outcome, code, checkout_id, payment_id, times, received_at, payload::text AS payload FROM payment_events
            WHERE @all OR code IS NOT NULL ORDER BY received_at DESC LIMIT @limit
            """, new { all, limit }, cancellationToken: cancellation))];
    }

    /// <summary>One open incident for one payment, whoever saw what is wrong with it.</summary>
    internal static Task RaiseAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, string payment, ErrorCode code, string summary, object detail) =>
        IncidentStore.RaiseAsync(connection, transaction, new Trouble(new IncidentCause($"payment:{payment}"), code, Severity.Warning, Job: null, summary, detail));

    private async Task<PaymentOutcome> FollowAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, PaymentEvent news)
    {
        if (news.Live != settings.Payments?.Live) return PaymentOutcome.Refused(ErrorCodes.PaymentModeMixed);
        switch (news.Type)
        {
            case "checkout.session.completed" when news.PaymentStatus != "paid":
                // The money is still under way; async_payment_succeeded or _failed follows.
                return PaymentOutcome.Recorded;
            case "checkout.session.completed" or "checkout.session.async_payment_succeeded":
                return news is { Checkout: { } paid, Object: { } session, PaymentId: { } payment, Cents: { } cents, Currency: { } currency }
                    ? await settlement.SettleAsync(connection, transaction, paid, session, new Payment(payment, cents, currency))
                    : PaymentOutcome.Refused(ErrorCodes.PaymentForUnknownOrder);
            case "checkout.session.expired" or "checkout.session.async_payment_failed":
                if (news.Checkout is not { } left) return PaymentOutcome.Recorded;
                await WorkQueue.LockAsync(connection, transaction, Checkouts.WorkOf(left));
                await Checkouts.CloseAsync(connection, transaction, left);
                return PaymentOutcome.Recorded;
            case "charge.refunded":
                return await RefundedAsync(connection, transaction, news);
            case "refund.failed":
                return await RefundFailedAsync(connection, transaction, news);
            case var dispute when dispute.StartsWith("charge.dispute.", StringComparison.Ordinal):
                return PaymentOutcome.ForOperators(ErrorCodes.PaymentTakenBack);
            case var refund when refund.StartsWith("refund.", StringComparison.Ordinal) || refund == "charge.refund.updated":
                return PaymentOutcome.Recorded;
            default:
                return PaymentOutcome.Ignored;
        }
    }

    /// <summary>All of the money went back: by WOPR, or by somebody at the provider.</summary>
    private static async Task<PaymentOutcome> RefundedAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, PaymentEvent news)
    {
        if (!news.Whole || news.PaymentId is not { } payment) return PaymentOutcome.Recorded;
        await OrderIntake.LockAsync(connection, transaction, $"payment\n{payment}");
        var known = await connection.QuerySingleOrDefaultAsync<Guid?>(
            "SELECT id FROM checkouts WHERE payment_id = @payment UNION SELECT id FROM checkouts WHERE id = @checkout LIMIT 1", new { payment, checkout = news.Checkout?.Value }, transaction);
        if (known is not { } id) return PaymentOutcome.Recorded;

        var job = new JobId(id);
        await WorkQueue.LockAsync(connection, transaction, JobStore.WorkOf(job));
        if (!await Refunds.KnownAsync(connection, transaction, job, payment)) return PaymentOutcome.Recorded;
        await connection.ExecuteAsync("UPDATE checkouts SET state = 'returned', payment_id = @payment, email = NULL WHERE id = @id", new { id, payment }, transaction);
        var state = await connection.QuerySingleOrDefaultAsync<string?>("SELECT state FROM jobs WHERE id = @id FOR UPDATE", new { id }, transaction);
        if (state is null) return PaymentOutcome.Recorded;
        if (JobStates.Parse(state) == JobState.Completed) return PaymentOutcome.ForOperators(ErrorCodes.PaymentTakenBack);
        if (JobStates.Parse(state).IsOver()) return PaymentOutcome.Recorded;
        await connection.ExecuteAsync("UPDATE jobs SET cancel_requested_at = coalesce(cancel_requested_at, now()) WHERE id = @id", new { id }, transaction);
        await JobEvents.AppendAsync(connection, transaction, job, EventKind.Note, new { message = "your payment has been returned; the order is being cancelled" });
        await WorkQueue.SignalAsync(connection, transaction, JobStore.WorkOf(job));
        return new PaymentOutcome("cancel_requested");
    }

    private static async Task<PaymentOutcome> RefundFailedAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, PaymentEvent news)
    {
        var id = await connection.QuerySingleOrDefaultAsync<Guid?>(
            "UPDATE refunds SET state = 'failed', returned_at = NULL WHERE provider_id = @Object RETURNING id", new { news.Object }, transaction);
        return id is null ? PaymentOutcome.Recorded : PaymentOutcome.ForOperators(ErrorCodes.RefundFailed);
    }
}

/// <summary>An event as it was kept. The payload is what was read of it, as JSON.</summary>
public sealed class KeptEvent
{
    public string Id { get; init; } = "";
    public string Type { get; init; } = "";
    public string Outcome { get; init; } = "";
    public string? Code { get; init; }
    public Guid? CheckoutId { get; init; }
    public string? PaymentId { get; init; }
    public int Times { get; init; }
    public DateTimeOffset ReceivedAt { get; init; }
    public string Payload { get; init; } = "{}";
}
