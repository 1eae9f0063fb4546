using System.Globalization;
using Dapper;
using Npgsql;
using Wopr.Platform.Work;
using Wopr.Provisioning;
using Wopr.Support;

namespace Wopr.Payments;

/// <summary>Asks for money to go back: once for each payment, in the transaction that ends what was paid for.</summary>
public static class Refunds
{
    public const string WorkKind = "refund";

    public static WorkKey WorkOf(JobId id) => new(WorkKind, id.Value);

    /// <summary>The job is over without a beacon: its payment goes back, if money was paid at all.</summary>
    public static async Task RequestForJobAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, JobId job)
    {
        var asked = await connection.QuerySingleOrDefaultAsync<Asked?>("""
            INSERT INTO refunds (id, payment_id, cents, currency, code)
            SELECT j.id, o.payment_id, o.price_cents, o.currency, j.error_code FROM jobs j JOIN orders o ON o.id = j.order_id
            WHERE j.id = @job AND o.payment_id IS NOT NULL AND j.completed_at IS NULL
            ON CONFLICT DO NOTHING RETURNING cents, currency
            """, new { job = job.Value }, transaction);
        if (asked is null) return;
        await WorkQueue.EnqueueAsync(connection, transaction, WorkOf(job), priority: 4);
        await JobEvents.AppendAsync(connection, transaction, job, EventKind.Note, new { message = $"your payment of {Money(asked.Cents, asked.Currency)} is being returned" });
    }

    /// <summary>A payment came for which there will be no job.</summary>
    public static async Task RequestForCheckoutAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, JobId checkout, Payment payment, ErrorCode why)
    {
        await connection.ExecuteAsync("""
            INSERT INTO refunds (id, payment_id, cents, currency, code) VALUES (@id, @PaymentId, @Cents, @currency, @why) ON CONFLICT DO NOTHING
            """, new { id = checkout.Value, PaymentId = payment.Id, Cents = (int)payment.Cents, currency = payment.Currency.ToUpperInvariant(), why = why.Value }, transaction);
        await WorkQueue.EnqueueAsync(connection, transaction, WorkOf(checkout), priority: 4);
    }

    /// <summary>The provider says that the money went back, whoever asked for it. True when WOPR did not know.</summary>
    public static async Task<bool> KnownAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, JobId id, string paymentId) =>
        await connection.ExecuteAsync("""
            INSERT INTO refunds (id, payment_id, cents, currency, state, returned_at)
            SELECT id, @paymentId, price_cents, currency, 'returned', now() FROM checkouts WHERE id = @id ON CONFLICT DO NOTHING
            """, new { id = id.Value, paymentId }, transaction) == 1;

    internal static string Money(int cents, string currency) =>
        string.Create(CultureInfo.InvariantCulture, $"{cents / 100m:0.00} {currency.ToUpperInvariant()}");

    private sealed record Asked(int Cents, string Currency);
}
