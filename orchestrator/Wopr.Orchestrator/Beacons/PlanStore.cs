using Dapper;
using Npgsql;
using Wopr.Audit;
using Wopr.Checkout;
using Wopr.Installer;
using Wopr.Modules;
using Wopr.Platform;
using Wopr.Platform.Work;
using Wopr.Provisioning;
using Wopr.Support;

namespace Wopr.Beacons;

/// <summary>What a beacon is to consist of. It fetches this itself and makes it so with the runner of the named installer.</summary>
/// <param name="Number">Counted up by every change.</param>
/// <param name="Modules">In the order of their installation.</param>
public sealed record NumberedPlan(int Number, IReadOnlyList<string> Modules, string InstallerSha256);

/// <summary>What came of a wish to change a plan.</summary>
public abstract record ChangeOutcome
{
    public sealed record Changed(NumberedPlan Plan) : ChangeOutcome;

    /// <summary>The beacon's plan says just that already.</summary>
    public sealed record Already(NumberedPlan Plan) : ChangeOutcome;

    public sealed record Refused(int Status, ErrorCode Code, string Detail) : ChangeOutcome;
}

/// <summary>Plans of finished beacons. All SQL about them is here.</summary>
public sealed class PlanStore(NpgsqlDataSource database, Catalogue catalogue, ModuleCatalogue modules, InstallerShelf installers)
{
    private const string Newest = "SELECT number, modules, installer_sha256 FROM beacon_plans WHERE job_id = @job ORDER BY number DESC LIMIT 1";

    public async Task<NumberedPlan?> FindAsync(JobId job, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return (await connection.QuerySingleOrDefaultAsync<Row?>(new CommandDefinition(Newest, new { job = job.Value }, cancellationToken: cancellation)))?.ToPlan();
    }

    /// <summary>Whether the newest plan has not been carried out yet. The first says what the beacon is already.</summary>
    public async Task<bool> IsWaitingAsync(JobId job, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await connection.QuerySingleAsync<bool>(new CommandDefinition(
            "SELECT EXISTS (SELECT FROM beacon_plans WHERE job_id = @job AND number > 1 AND applied_at IS NULL AND number = (SELECT max(number) FROM beacon_plans WHERE job_id = @job))",
            new { job = job.Value }, cancellationToken: cancellation));
    }

    /// <summary>
    /// Makes a new plan of the present one, checked against the newest modules; it therefore pins the newest installer.
    /// Written into the audit log also when it is refused.
    /// </summary>
    /// <param name="reason">1 to 500 characters.</param>
    public async Task<ChangeOutcome> ChangeAsync(JobId job, PlanForm form, Actor who, string reason, CancellationToken cancellation)
    {
        var installer = await installers.PinCurrentAsync(cancellation);
        return await database.InTransactionAsync(async (connection, transaction) =>
        {
            await WorkQueue.LockAsync(connection, transaction, JobStore.WorkOf(job));
            var beacon = await connection.QuerySingleOrDefaultAsync<Beacon?>("""
                SELECT j.state, j.decommission_requested_at IS NOT NULL AS going, o.tier, (j.ladder->j.ladder_position->>'memory_gb')::numeric AS memory_gb
                FROM jobs j JOIN orders o ON o.id = j.order_id WHERE j.id = @job FOR UPDATE OF j
                """, new { job = job.Value }, transaction);
            if (beacon is null) return new ChangeOutcome.Refused(StatusCodes.Status404NotFound, ErrorCodes.NotFound, "There is no beacon with this id.");
            var outcome = await ChangeAsync(connection, transaction, job, beacon, form, installer);
            await AuditLog.AppendAsync(connection, transaction, Entry(who, job, reason, form, outcome));
            return outcome;
        }, cancellation);
    }

    private async Task<ChangeOutcome> ChangeAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, JobId job, Beacon beacon, PlanForm form, string installer)
    {
        if (beacon.State != JobState.Completed.Word() || beacon.Going) return NotNow($"The job is {(beacon.Going ? "being taken down" : beacon.State)}: only a finished beacon has a plan to change.");
        var present = (await connection.QuerySingleOrDefaultAsync<Row?>(Newest, new { job = job.Value }, transaction))?.ToPlan();
        if (present is null) return NotNow("This beacon has no agent that would fetch a plan.");
        if (catalogue.FindTier(beacon.Tier) is not { } tier) return NotNow($"There is no storage tier {beacon.Tier} any more.");
        var memory = beacon.MemoryGb is { } known and > 0 ? known : tier.MemoryGb;
        var (wanted, why) = new PlanChange(modules, tier, memory).Apply(present.Modules, form);
        if (wanted is null) return new ChangeOutcome.Refused(StatusCodes.Status422UnprocessableEntity, ErrorCodes.PlanRefused, why!);

        var plan = new NumberedPlan(present.Number + 1, [.. wanted.Select(m => m.Id.Value)], installer);
        if (plan.InstallerSha256 == present.InstallerSha256 && plan.Modules.SequenceEqual(present.Modules)) return new ChangeOutcome.Already(present);
        // What goes is not looked for any more from now on; what comes is, as soon as the beacon says that it is there.
        await connection.ExecuteAsync("""
            INSERT INTO beacon_plans (job_id, number, modules, installer_sha256) VALUES (@job, @Number, @list, @InstallerSha256);
            UPDATE jobs SET modules = ARRAY (SELECT m FROM unnest(modules) WITH ORDINALITY AS u (m, n) WHERE m = ANY (@list) ORDER BY n) WHERE id = @job
            """, new { job = job.Value, plan.Number, list = plan.Modules.ToArray(), plan.InstallerSha256 }, transaction);
        await JobEvents.AppendAsync(connection, transaction, job, EventKind.Note, new { message = Told(present, plan) });
        return new ChangeOutcome.Changed(plan);
    }

    /// <summary>
    /// The present plan once more under a new number, so that the agent carries it out again. Null when there is none, when
    /// one is still waiting to be carried out, or when the beacon is not finished.
    /// </summary>
    public Task<NumberedPlan?> RepeatAsync(JobId job, CancellationToken cancellation) => database.InTransactionAsync(async (connection, transaction) =>
    {
        await WorkQueue.LockAsync(connection, transaction, JobStore.WorkOf(job));
        return (await connection.QuerySingleOrDefaultAsync<Row?>("""
            INSERT INTO beacon_plans (job_id, number, modules, installer_sha256)
            SELECT p.job_id, p.number + 1, p.modules, p.installer_sha256 FROM beacon_plans p JOIN jobs j ON j.id = p.job_id
            WHERE p.job_id = @job AND j.state = 'completed' AND j.decommission_requested_at IS NULL
              AND p.number = (SELECT max(number) FROM beacon_plans WHERE job_id = @job) AND (p.applied_at IS NOT NULL OR p.number = 1)
            RETURNING number, modules, installer_sha256
            """, new { job = job.Value }, transaction))?.ToPlan();
    }, cancellation);

    /// <summary>The beacon says that its plan of this number is carried out. Part of the transaction that takes its heartbeat.</summary>
    public static async Task AppliedAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, JobId job, int number)
    {
        var applied = await connection.ExecuteAsync("""
            UPDATE beacon_plans SET applied_at = now() WHERE job_id = @job AND number = @number AND applied_at IS NULL
              AND number = (SELECT max(number) FROM beacon_plans WHERE job_id = @job)
            """, new { job = job.Value, number }, transaction);
        if (applied == 0) return;
        await connection.ExecuteAsync("""
            UPDATE jobs SET modules = p.modules, modules_ready = p.modules, installer_sha256 = p.installer_sha256
            FROM beacon_plans p WHERE p.job_id = jobs.id AND p.number = @number AND jobs.id = @job
            """, new { job = job.Value, number }, transaction);
        await JobEvents.AppendAsync(connection, transaction, job, EventKind.Note, new { message = "the change to your applications is done" });
    }

    /// <summary>For the customer's timeline: names, and what becomes of their data.</summary>
    private string Told(NumberedPlan before, NumberedPlan plan)
    {
        string Names(IEnumerable<string> ids) => string.Join(", ", ids.Select(id => modules.TryFind(id, out var module) ? module.Name : id));
        var added = Names(plan.Modules.Except(before.Modules, StringComparer.Ordinal));
        var removed = Names(before.Modules.Except(plan.Modules, StringComparer.Ordinal));
        var parts = new List<string>();
        if (added.Length > 0) parts.Add($"{added} will be added");
        if (removed.Length > 0) parts.Add($"{removed} will be removed, and the data stay on your beacon");
        if (parts.Count == 0) parts.Add("your applications will be brought up to date");
        return $"our team changes your beacon: {string.Join("; ", parts)}";
    }

    private static ChangeOutcome.Refused NotNow(string detail) => new(StatusCodes.Status409Conflict, ErrorCodes.VerbDoesNotApply, detail);

    private static AuditEntry Entry(Actor who, JobId job, string reason, PlanForm form, ChangeOutcome outcome)
    {
        var words = string.Join(' ', form.Added.Select(id => $"+{id}").Concat(form.Removed.Select(id => $"-{id}")).Concat(form.Update ? ["update"] : Array.Empty<string>()));
        return outcome switch
        {
            ChangeOutcome.Changed changed => new(who, "change-plan", job, reason, AuditOutcome.Done, Detail: $"plan {changed.Plan.Number}: {words}"),
            ChangeOutcome.Already already => new(who, "change-plan", job, reason, AuditOutcome.Already, Detail: $"plan {already.Plan.Number}: {words}"),
            ChangeOutcome.Refused refused => new(who, "change-plan", job, reason, AuditOutcome.Refused, refused.Code, $"{words}: {refused.Detail}"),
            _ => throw new InvalidOperationException("an outcome that nobody knows"),
        };
    }

    private sealed class Row
    {
        public int Number { get; init; }
        public string[] Modules { get; init; } = [];
        public string InstallerSha256 { get; init; } = "";

        public NumberedPlan ToPlan() => new(Number, Modules, InstallerSha256);
    }

    private sealed class Beacon
    {
        public string State { get; init; } = "";
        public bool Going { get; init; }
        public short Tier { get; init; }
        public decimal? MemoryGb { get; init; }
    }
}
