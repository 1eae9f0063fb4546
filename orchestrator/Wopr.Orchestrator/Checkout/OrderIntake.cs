using Dapper;
using Npgsql;
using Wopr.Platform;
using Wopr.Platform.Work;
using Wopr.Provisioning;
using Wopr.Support;

namespace Wopr.Checkout;

/// <summary>What became of an order.</summary>
public abstract record IntakeOutcome
{
    /// <param name="Repeated">True when the job existed already: the same order, or the same Idempotency-Key.</param>
    public sealed record Accepted(JobId Job, bool Repeated) : IntakeOutcome
    {
        /// <summary>What is known already to differ from the order, in the customer's words.</summary>
        public string? Substitution { get; init; }
    }

    /// <summary>Nothing is made until it is paid on that page. The job will have the same id.</summary>
    /// <param name="Until">By the database's clock: until then the beacon's name is held, and the page can be used.</param>
    public sealed record ToPay(JobId Id, Uri Page, DateTimeOffset Until, bool Repeated) : IntakeOutcome
    {
        /// <summary>What is known already to differ from the order, in the customer's words.</summary>
        public string? Substitution { get; init; }
    }

    public sealed record Refused(int Status, ErrorCode Code, string Detail) : IntakeOutcome;
}

/// <summary>Makes one job out of one order, however often and from however many sides it comes.</summary>
public sealed class OrderIntake(NpgsqlDataSource database, IIdSource ids, Settings settings)
{
    /// <summary>
    /// Order, job, first event and work item are one transaction. An order without payment yet waits in <c>pending</c>. With an
    /// <paramref name="obstacle"/> no new job is made, but one that exists is found.
    /// </summary>
    public async Task<IntakeOutcome> PlaceAsync(
        Order order, OrderSource source, bool paid, string? idempotencyKey, CancellationToken cancellation, IntakeOutcome.Refused? obstacle = null)
    {
        var scope = source.ToString();
        var fresh = new JobId(ids.NewId());
        return await database.InTransactionAsync<IntakeOutcome>(async (connection, transaction) =>
        {
            var (known, holder, isHeld) = await LookAsync(connection, transaction, scope, idempotencyKey, order.BeaconName.Value, fresh);
            var fingerprint = order.Fingerprint();
            if (known is not null)
                return known.Fingerprint.AsSpan().SequenceEqual(fingerprint)
                    ? new IntakeOutcome.Accepted(new JobId(known.JobId), true)
                    : KeyReused;

            if (holder is not null && !holder.Fingerprint.AsSpan().SequenceEqual(fingerprint)) return NameTaken(order.BeaconName);
            if (holder is null && obstacle is not null) return obstacle;
            if (holder is null && isHeld) return NameTaken(order.BeaconName);
            var job = holder is null ? fresh : new JobId(holder.JobId);
            if (holder is null) await CreateAsync(connection, transaction, job, OrderLine.Of(order), source, paid, paidBy: null);
            if (idempotencyKey is not null)
                await connection.ExecuteAsync("INSERT INTO idempotency_keys (scope, key, fingerprint, job_id) VALUES (@scope, @idempotencyKey, @fingerprint, @job)",
                    new { scope, idempotencyKey, fingerprint, job = job.Value }, transaction);
            return new IntakeOutcome.Accepted(job, holder is not null);
        }, cancellation);
    }

    /// <summary>
    /// Two requests with one key, or for one name, queue here until the transaction ends; whoever comes second finds what the
    /// first has made: each statement sees what was committed before it began.
    /// </summary>
    private static async Task<(Holder? Known, Holder? Holder, bool IsHeld)> LookAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, string scope, string? key, string name, JobId fresh)
    {
        await using var found = await connection.QueryMultipleAsync($"""
            SELECT count(pg_advisory_xact_lock(hashtextextended(@keyLock, 0))) WHERE @keyLock IS NOT NULL;
            SELECT count(pg_advisory_xact_lock(hashtextextended(@nameLock, 0)));
            SELECT job_id, fingerprint FROM idempotency_keys WHERE scope = @scope AND key = @key;
            {HolderSql};
            {Held}
            """, new { keyLock = key is null ? null : $"{scope}\n{key}", nameLock = NameLock(name), scope, key, name, but = fresh.Value }, transaction);
        await found.ReadAsync<long>();
        await found.ReadAsync<long>();
        return (await found.ReadSingleOrDefaultAsync<Holder?>(), await found.ReadSingleOrDefaultAsync<Holder?>(), await found.ReadSingleAsync<bool>());
    }

    internal static readonly IntakeOutcome.Refused KeyReused = new(
        StatusCodes.Status422UnprocessableEntity, ErrorCodes.IdempotencyKeyReused, "This Idempotency-Key was used for another order. Send a new key with a new order.");

    internal static IntakeOutcome.Refused NameTaken(BeaconName name) =>
        new(StatusCodes.Status409Conflict, ErrorCodes.BeaconNameTaken, $"The name {name} is in use: choose another.");

    /// <summary>True when nobody holds the name.</summary>
    public async Task<bool> IsFreeAsync(BeaconName name, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return !await connection.ExecuteScalarAsync<bool>(new CommandDefinition(Held, new { name = name.Value, but = Guid.Empty }, cancellationToken: cancellation));
    }

    /// <summary>Whether a job, or somebody who is about to pay, has the name. The caller holds <see cref="NameLock"/>.</summary>
    internal static Task<bool> IsHeldByAnotherAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, string name, JobId but) =>
        connection.ExecuteScalarAsync<bool>(Held, new { name, but = but.Value }, transaction);

    /// <summary>The job that has the name, if one has.</summary>
    internal static Task<Holder?> FindHolderAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, string name) =>
        connection.QuerySingleOrDefaultAsync<Holder?>(HolderSql, new { name }, transaction);

    private const string HolderSql = "SELECT j.id AS job_id, o.fingerprint FROM jobs j JOIN orders o ON o.id = j.order_id WHERE j.beacon_name = @name AND j.name_held";

    /// <summary>Part of the caller's transaction. <paramref name="paidBy"/> is null where no money was paid.</summary>
    internal async Task CreateAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, JobId job, OrderLine line, OrderSource source, bool paid, PaidBy? paidBy)
    {
        await connection.ExecuteAsync($"""
            INSERT INTO orders (id, source, external_id, payment_id, fingerprint, bundle, tier, beacon_name, email, location, price_cents, currency, paid_at)
            VALUES (@orderId, @source, @SessionId, @PaymentId, @Fingerprint, @Bundle, @Tier, @BeaconName, @Email, @Location, @PriceCents, @Currency, CASE WHEN @paid THEN now() END);
            INSERT INTO jobs (id, order_id, state, deadline_at, beacon_name, fqdn) VALUES (@job, @orderId, 'pending', now() + interval '24 hours', @BeaconName, @fqdn);
            {JobEvents.AppendSql};
            {WorkQueue.EnqueueSql}
            """, new
        {
            orderId = ids.NewId(),
            source = source switch { OrderSource.Checkout => "checkout", OrderSource.Operator => "operator", _ => "payment" },
            paidBy?.SessionId,
            paidBy?.PaymentId,
            line.Fingerprint,
            line.Bundle,
            line.Tier,
            line.BeaconName,
            line.Email,
            line.Location,
            line.PriceCents,
            line.Currency,
            paid,
            job = job.Value,
            fqdn = $"{line.BeaconName}.{settings.Zone}",
            eventKind = EventKind.Created,
            eventData = Json.Write(new { state = JobState.Pending.Word(), bundle = line.Bundle, tier = line.Tier }),
            workKind = JobStore.WorkKind,
            workSubject = job.Value,
            priority = 4,
            delay = TimeSpan.Zero,
        }, transaction);
        await Announcements.TellAsync(connection, transaction, JobEvents.NewsOf(job));
        await Announcements.TellAsync(connection, transaction, WorkQueue.News);
    }

    internal static string NameLock(string name) => $"name\n{name}";

    /// <summary>Whoever names the same thing queues here until the transaction ends.</summary>
    internal static Task<int> LockAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, string what) =>
        connection.ExecuteAsync("SELECT pg_advisory_xact_lock(hashtextextended(@what, 0))", new { what }, transaction);

    private const string Held = """
        SELECT EXISTS (SELECT FROM jobs WHERE beacon_name = @name AND name_held AND id <> @but)
            OR EXISTS (SELECT FROM checkouts WHERE beacon_name = @name AND state = 'open' AND hold_until > now() AND id <> @but)
        """;

    internal sealed record Holder(Guid JobId, byte[] Fingerprint);
}
