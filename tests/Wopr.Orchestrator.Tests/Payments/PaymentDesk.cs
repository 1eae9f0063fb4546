using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Wopr.Checkout;
using Wopr.Modules;
using Wopr.Orchestrator.Tests.Support;
using Wopr.Payments;
using Wopr.Platform;
using Wopr.Platform.Work;
using Wopr.Provisioning;
using Wopr.Support;
using Wopr.Tests.Support;

namespace Wopr.Orchestrator.Tests.Payments;

/// <summary>The payment capability on a real database, with a provider that is made up.</summary>
internal sealed class PaymentDesk
{
    private static readonly ModuleCatalogue Modules = ModuleCatalogue.Load(Repository.PathOf("installer-modules")).Catalogue!;
    private static readonly OrderParser Parser = new(Catalogue.Load(), Modules);

    private readonly MigratedDatabase database;

    public PaymentDesk(MigratedDatabase database)
    {
        this.database = database;
        var settings = SettingsFor(database);
        var ids = new RandomIdSource();
        Intake = new OrderIntake(database.Source, ids, settings);
        var settlement = new Settlement(Intake);
        Checkouts = new Checkouts(database.Source, ids, settings, [Provider]);
        Events = new PaymentEvents(database.Source, settlement, settings);
        Watch = new CheckoutWatch(database.Source, database.Queue, Checkouts, settlement, [Provider], NullLogger<CheckoutWatch>.Instance);
        Delivery = new RefundDelivery(database.Source, database.Queue, [Provider], NullLogger<RefundDelivery>.Instance);
        Jobs = new JobStore(database.Source, database.Queue);
    }

    public FakePayments Provider { get; } = new();
    public OrderIntake Intake { get; }
    public Checkouts Checkouts { get; }
    public PaymentEvents Events { get; }
    public CheckoutWatch Watch { get; }
    public RefundDelivery Delivery { get; }
    public JobStore Jobs { get; }

    public static Order Order(string name, string email = "anna@example.com")
    {
        var (order, problems) = Parser.Parse(new OrderForm { Bundle = "starter", Tier = 1, BeaconName = name, Email = email }, []);
        return order ?? throw new InvalidOperationException(problems[0].Detail);
    }

    /// <summary>A checkout whose customer stands before the payment page.</summary>
    public async Task<JobId> OpenAsync(string name, string email = "anna@example.com", string? key = null) =>
        (await Checkouts.OpenAsync(Order(name, email), key, obstacle: null, CancellationToken.None)).ShouldBeOfType<IntakeOutcome.ToPay>().Id;

    public Task<PaymentOutcome> PaidAsync(JobId id, string @event, long cents = 2999, string currency = "usd", bool live = false, string type = "checkout.session.completed") =>
        Events.TakeAsync(new PaymentEvent(@event, type, live, $"cs_{id}", id, $"pi_{id}", cents, currency, "paid", "complete", Whole: false), CancellationToken.None);

    public Task<PaymentOutcome> RefundedAsync(JobId id, string @event, bool named = true, bool whole = true) =>
        Events.TakeAsync(new PaymentEvent(@event, "charge.refunded", false, $"ch_{id}", named ? id : null, $"pi_{id}", 2999, "usd", null, "succeeded", whole), CancellationToken.None);

    /// <summary>Leases the item, due or not, and lets its handler drive it once.</summary>
    public async Task DriveAsync(IWorkHandler handler, JobId subject)
    {
        await ExecuteAsync("UPDATE work_items SET wake_at = now(), lease_until = NULL WHERE kind = @kind AND subject = @id", subject, handler.Kind);
        var lease = await LeaseAsync(new WorkKey(handler.Kind, subject.Value));
        await handler.HandleAsync(lease, CancellationToken.None);
    }

    public async Task<WorkLease> LeaseAsync(WorkKey key)
    {
        var (leases, _) = await database.Queue.LeaseAsync(1000, CancellationToken.None);
        await ExecuteAsync("UPDATE work_items SET lease_until = NULL WHERE NOT (kind = @kind AND subject = @id)", new JobId(key.Subject), key.Kind);
        return leases.Single(l => l.Key == key);
    }

    /// <summary>The job ends in this state, as the driver ends it.</summary>
    public async Task EndAsync(JobId id, JobState state)
    {
        await ExecuteAsync("UPDATE jobs SET state = @kind WHERE id = @id", id, state.Word());
        await ExecuteAsync("INSERT INTO work_items (kind, subject, wake_at) VALUES (@kind, @id, now()) ON CONFLICT (kind, subject) DO UPDATE SET wake_at = now(), lease_until = NULL", id, JobStore.WorkKind);
        var lease = await LeaseAsync(JobStore.WorkOf(id));
        await Jobs.FinishAsync(lease, (await Jobs.FindAsync(id, CancellationToken.None))!, CancellationToken.None);
    }

    public async Task<T> AskAsync<T>(string sql, JobId id)
    {
        await using var connection = await database.Source.OpenConnectionAsync();
        return (await connection.ExecuteScalarAsync<T>(sql, new { id = id.Value }))!;
    }

    public async Task ExecuteAsync(string sql, JobId id, string kind = "")
    {
        await using var connection = await database.Source.OpenConnectionAsync();
        await connection.ExecuteAsync(sql, new { id = id.Value, kind });
    }

    public Task<long> JobsAsync(JobId id) => AskAsync<long>("SELECT count(*) FROM jobs j JOIN checkouts c ON c.beacon_name = j.beacon_name WHERE c.id = @id", id);

    public Task<string> RefundAsync(JobId id) => AskAsync<string>("SELECT coalesce((SELECT state FROM refunds WHERE id = @id), 'none')", id);

    private static Settings SettingsFor(MigratedDatabase database)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["WOPR_DATABASE"] = database.Source.ConnectionString,
            ["WOPR_SANDBOX_HETZNER_URL"] = "http://127.0.0.1:2",
            ["WOPR_SANDBOX_CLOUDFLARE_URL"] = "http://127.0.0.1:3",
            ["WOPR_SANDBOX_GATE_URL"] = "http://127.0.0.1:4",
            ["WOPR_SANDBOX_PAYMENTS_URL"] = "http://127.0.0.1:5",
        };
        var (settings, problems) = new SettingsReader(environment.GetValueOrDefault).Read();
        return settings ?? throw new InvalidOperationException(problems[0]);
    }
}
