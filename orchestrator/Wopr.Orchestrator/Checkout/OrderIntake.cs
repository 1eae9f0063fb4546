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

    public sealed record Refused(int Status, ErrorCode Code, string Detail) : IntakeOutcome;
}

/// <summary>Makes one job out of one order, however often and from however many sides it comes.</summary>
public sealed class OrderIntake(NpgsqlDataSource database, IIdSource ids, Settings settings)
{
    /// <summary>
    /// Order, job, first event and work item are one transaction. <paramref name="externalId"/> is the payment provider's
    /// id; an order without payment yet waits in <c>pending</c>. With an <paramref name="obstacle"/> no new job is made, but
    /// one that exists is found.
    /// </summary>
    public async Task<IntakeOutcome> PlaceAsync(
        Order order, OrderSource source, bool paid, string? idempotencyKey, string? externalId, CancellationToken cancellation, IntakeOutcome.Refused? obstacle = null)
    {
        var scope = source.ToString();
        return await database.InTransactionAsync<IntakeOutcome>(async (connection, transaction) =>
        {
            // Two requests with one key, or for one name, queue here; whoever comes second finds what the first has made.
            if (idempotencyKey is not null) await LockAsync(connection, transaction, $"{scope}\n{idempotencyKey}");
            await LockAsync(connection, transaction, $"name\n{order.BeaconName}");

            var fingerprint = order.Fingerprint();
            if (idempotencyKey is not null && await FindByKeyAsync(connection, transaction, scope, idempotencyKey) is { } known)
                return known.Fingerprint.AsSpan().SequenceEqual(fingerprint)
                    ? new IntakeOutcome.Accepted(new JobId(known.JobId), true)
                    : new IntakeOutcome.Refused(StatusCodes.Status422UnprocessableEntity, ErrorCodes.IdempotencyKeyReused, "This Idempotency-Key was used for another order. Send a new key with a new order.");

            var holder = await FindByNameAsync(connection, transaction, order.BeaconName);
            if (holder is not null && !holder.Fingerprint.AsSpan().SequenceEqual(fingerprint))
                return new IntakeOutcome.Refused(StatusCodes.Status409Conflict, ErrorCodes.BeaconNameTaken, $"The name {order.BeaconName} is in use: choose another.");
            if (holder is null && obstacle is not null) return obstacle;
            var job = holder is not null ? new JobId(holder.JobId) : await CreateAsync(connection, transaction, order, source, paid, externalId);
            if (idempotencyKey is not null)
                await connection.ExecuteAsync("INSERT INTO idempotency_keys (scope, key, fingerprint, job_id) VALUES (@scope, @idempotencyKey, @fingerprint, @job)",
                    new { scope, idempotencyKey, fingerprint, job = job.Value }, transaction);
            return new IntakeOutcome.Accepted(job, holder is not null);
        }, cancellation);
    }

    /// <summary>True when nobody holds the name.</summary>
    public async Task<bool> IsFreeAsync(BeaconName name, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return !await connection.ExecuteScalarAsync<bool>(new CommandDefinition(
            "SELECT EXISTS (SELECT FROM jobs WHERE beacon_name = @name AND name_held)", new { name = name.Value }, cancellationToken: cancellation));
    }

    private async Task<JobId> CreateAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, Order order, OrderSource source, bool paid, string? externalId)
    {
        var orderId = ids.NewId();
        var job = new JobId(ids.NewId());
        await connection.ExecuteAsync("""
            INSERT INTO orders (id, source, external_id, fingerprint, bundle, tier, beacon_name, email, location, price_cents, currency, paid_at)
            VALUES (@orderId, @source, @externalId, @fingerprint, @bundle, @tier, @name, @email, @Location, @PriceCents, @Currency, CASE WHEN @paid THEN now() END);
            INSERT INTO jobs (id, order_id, state, deadline_at, beacon_name, fqdn) VALUES (@job, @orderId, 'pending', now() + interval '24 hours', @name, @fqdn)
            """, new
        {
            orderId,
            source = source switch { OrderSource.Checkout => "checkout", OrderSource.Operator => "operator", _ => "payment" },
            externalId,
            fingerprint = order.Fingerprint(),
            bundle = order.Bundle.Id,
            tier = order.Tier.Tier,
            name = order.BeaconName.Value,
            email = order.Email.Value,
            order.Location,
            order.PriceCents,
            order.Currency,
            paid,
            job = job.Value,
            fqdn = $"{order.BeaconName}.{settings.Zone}",
        }, transaction);
        await JobEvents.AppendAsync(connection, transaction, job, EventKind.Created, new { state = JobState.Pending.Word(), bundle = order.Bundle.Id, tier = order.Tier.Tier });
        await WorkQueue.EnqueueAsync(connection, transaction, JobStore.WorkOf(job), priority: 4);
        return job;
    }

    private static Task<int> LockAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, string what) =>
        connection.ExecuteAsync("SELECT pg_advisory_xact_lock(hashtextextended(@what, 0))", new { what }, transaction);

    private static Task<Known?> FindByKeyAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, string scope, string key) =>
        connection.QuerySingleOrDefaultAsync<Known?>("SELECT job_id, fingerprint FROM idempotency_keys WHERE scope = @scope AND key = @key", new { scope, key }, transaction);

    private static Task<Known?> FindByNameAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, BeaconName name) =>
        connection.QuerySingleOrDefaultAsync<Known?>("""
            SELECT j.id AS job_id, o.fingerprint FROM jobs j JOIN orders o ON o.id = j.order_id WHERE j.beacon_name = @name AND j.name_held
            """, new { name = name.Value }, transaction);

    private sealed record Known(Guid JobId, byte[] Fingerprint);
}
