using Dapper;
using Npgsql;
using Wopr.Checkout;
using Wopr.Platform;
using Wopr.Platform.Work;
using Wopr.Provisioning;
using Wopr.Provisioning.Ports;
using Wopr.Support;

namespace Wopr.Payments;

/// <summary>
/// Orders on their way through the payment provider. Each holds its beacon's name for <see cref="Hold"/> and becomes a job
/// of the same id when it is paid.
/// </summary>
public sealed class Checkouts(NpgsqlDataSource database, IIdSource ids, Settings settings, IEnumerable<IPaymentProvider> providers)
{
    public const string WorkKind = "checkout";

    /// <summary>How long a beacon's name waits for its payment. The provider wants half an hour at least; a repeated request needs some room.</summary>
    public static readonly TimeSpan Hold = TimeSpan.FromMinutes(45);

    // Asking the provider because a customer came back; pressing reload asks no more often.
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(10);

    private readonly IPaymentProvider? provider = providers.FirstOrDefault();

    public static WorkKey WorkOf(JobId id) => new(WorkKind, id.Value);

    /// <summary>A page on which this order is paid: the same one however often the order is sent. With an <paramref name="obstacle"/> none is made, but one that exists is found.</summary>
    public async Task<IntakeOutcome> OpenAsync(Order order, string? idempotencyKey, IntakeOutcome.Refused? obstacle, CancellationToken cancellation)
    {
        if (provider is null) return new IntakeOutcome.Refused(StatusCodes.Status503ServiceUnavailable, ErrorCodes.PaymentNotConfigured, "Nothing can be paid here yet: no payment provider is configured.");
        var (outcome, id) = await ReserveAsync(order, idempotencyKey, obstacle, cancellation);
        if (outcome is not null) return outcome;
        var checkout = await FindAsync(id, cancellation) ?? throw new InvalidOperationException($"the checkout {id} vanished while it was opened");
        if (checkout.Page is not null) return new IntakeOutcome.ToPay(id, checkout.Page, checkout.HoldUntil, Repeated: true);

        var back = new Uri(settings.PublicUrl, $"/payment/{id}");
        var request = new PaymentRequest(id, $"{order.Bundle.Name}, {order.Tier.StorageGb} GB, first month", order.PriceCents, order.Currency, order.Email.Value, checkout.HoldUntil,
            new Uri(back, "?done=1"), new Uri(back, "?left=1"));
        if (!(await provider.OpenAsync(request, cancellation)).IsSuccess(out var session, out var failure) || session.Page is null)
            return new IntakeOutcome.Refused(StatusCodes.Status503ServiceUnavailable, failure?.Code ?? ErrorCodes.PaymentProviderUnavailable, "The payment page cannot be opened at the moment. Nothing has been charged; please try again.");
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition("UPDATE checkouts SET session_id = @session, payment_page = @page WHERE id = @id AND session_id IS NULL",
            new { id = id.Value, session = session.Id, page = session.Page.ToString() }, cancellationToken: cancellation));
        return new IntakeOutcome.ToPay(id, session.Page, checkout.HoldUntil, Repeated: false);
    }

    public async Task<CheckoutRow?> FindAsync(JobId id, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await connection.QuerySingleOrDefaultAsync<CheckoutRow?>(new CommandDefinition("""
            SELECT state, beacon_name, price_cents, currency, session_id, payment_page, hold_until, hold_until > now() AS held,
                   greatest(0, extract(epoch FROM hold_until - now()))::float8 AS seconds_left
            FROM checkouts WHERE id = @id
            """, new { id = id.Value }, cancellationToken: cancellation));
    }

    /// <summary>The customer is back from the payment page: the provider is asked, in case its own news is late or lost.</summary>
    public Task AskSoonAsync(JobId id, CancellationToken cancellation) =>
        database.InTransactionAsync(async (connection, transaction) =>
        {
            await WorkQueue.LockAsync(connection, transaction, WorkOf(id));
            var due = await connection.ExecuteAsync("""
                UPDATE checkouts SET asked_at = now() WHERE id = @id AND state = 'open' AND (asked_at IS NULL OR asked_at < now() - @AskAgain)
                """, new { id = id.Value, AskAgain }, transaction);
            if (due == 1) await WorkQueue.SignalAsync(connection, transaction, WorkOf(id));
        }, cancellation);

    /// <summary>Nobody will pay for this one: the name is free, and the same form may be sent anew.</summary>
    internal static Task<int> CloseAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, JobId id) =>
        connection.ExecuteAsync("UPDATE checkouts SET state = 'closed', idempotency_key = NULL WHERE id = @id AND state = 'open'", new { id = id.Value }, transaction);

    /// <summary>The checkout that this order has, or a new one; or an outcome that needs none.</summary>
    private Task<(IntakeOutcome? Outcome, JobId Id)> ReserveAsync(Order order, string? key, IntakeOutcome.Refused? obstacle, CancellationToken cancellation) =>
        database.InTransactionAsync<(IntakeOutcome?, JobId)>(async (connection, transaction) =>
        {
            if (key is not null) await OrderIntake.LockAsync(connection, transaction, $"payment key\n{key}");
            await OrderIntake.LockAsync(connection, transaction, OrderIntake.NameLock(order.BeaconName.Value));
            var fingerprint = order.Fingerprint();
            // A hold that is over is closed by its watch, who may be late; it is not found here any more.
            var known = (await connection.QueryAsync<Known>("""
                SELECT id, state, fingerprint, idempotency_key IS NOT DISTINCT FROM @key AND @key IS NOT NULL AS by_key FROM checkouts
                WHERE idempotency_key = @key OR (beacon_name = @name AND state = 'open' AND hold_until > now()) ORDER BY by_key DESC LIMIT 1
                """, new { key, name = order.BeaconName.Value }, transaction)).FirstOrDefault();
            if (known is not null && !known.Fingerprint.AsSpan().SequenceEqual(fingerprint))
                return (known.ByKey ? OrderIntake.KeyReused : OrderIntake.NameTaken(order.BeaconName), default);
            if (known is not null)
                return known.State == "open" ? (null, new JobId(known.Id)) : (new IntakeOutcome.Accepted(new JobId(known.Id), true), default);
            if (await OrderIntake.FindHolderAsync(connection, transaction, order.BeaconName.Value) is { } holder)
                return (holder.Fingerprint.AsSpan().SequenceEqual(fingerprint) ? new IntakeOutcome.Accepted(new JobId(holder.JobId), true) : OrderIntake.NameTaken(order.BeaconName), default);

            if (obstacle is not null) return (obstacle, default);
            var id = new JobId(ids.NewId());
            var line = OrderLine.Of(order);
            await connection.ExecuteAsync("""
                INSERT INTO checkouts (id, idempotency_key, fingerprint, bundle, tier, beacon_name, email, location, price_cents, currency, hold_until)
                VALUES (@id, @key, @Fingerprint, @Bundle, @Tier, @BeaconName, @Email, @Location, @PriceCents, @Currency, now() + @Hold)
                """, new { id = id.Value, key, line.Fingerprint, line.Bundle, line.Tier, line.BeaconName, line.Email, line.Location, line.PriceCents, line.Currency, Hold }, transaction);
            await WorkQueue.EnqueueAsync(connection, transaction, WorkOf(id), priority: 6, delay: Hold);
            return (null, id);
        }, cancellation);

    private sealed record Known(Guid Id, string State, byte[] Fingerprint, bool ByKey);
}

/// <summary>A checkout as its row has it.</summary>
public sealed class CheckoutRow
{
    public string State { get; init; } = "";
    public string BeaconName { get; init; } = "";
    public int PriceCents { get; init; }
    public string Currency { get; init; } = "";
    public string? SessionId { get; init; }
    public string? PaymentPage { get; init; }
    public DateTimeOffset HoldUntil { get; init; }
    public bool Held { get; init; }
    public double SecondsLeft { get; init; }

    public Uri? Page => PaymentPage is null ? null : new Uri(PaymentPage);
}
