using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Wopr.Integration.Tests.Providers;
using Wopr.Platform;
using Wopr.Platform.Work;
using Wopr.Provisioning;
using Wopr.Tests.Support;

namespace Wopr.Integration.Tests.Steps;

/// <summary>A database and both emulators, for one job after another.</summary>
public sealed class StepBench : IAsyncLifetime
{
    private TestDatabase? server;

    internal NpgsqlDataSource Database { get; private set; } = null!;

    internal EmulatedClouds Clouds { get; private set; } = null!;

    internal IServiceCollection Parts { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        server = await TestDatabase.CreateAsync();
        Database = Platform.Database.Open(server.ConnectionString);
        await new Migrator(Database, NullLogger<Migrator>.Instance).ApplyAsync(House.Migrations, CancellationToken.None);
        Clouds = await EmulatedClouds.StartAsync();
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["WOPR_DATABASE"] = server.ConnectionString,
            ["WOPR_ZONE"] = EmulatedClouds.Zone,
            ["WOPR_RETENTION_MINUTES"] = "0",
            ["WOPR_SANDBOX_HETZNER_URL"] = Clouds.Addresses.Hetzner.ToString(),
            ["WOPR_SANDBOX_CLOUDFLARE_URL"] = Clouds.Addresses.Cloudflare.ToString(),
            ["WOPR_SANDBOX_GATE_URL"] = "http://127.0.0.1:1",
        };
        var (settings, problems) = new SettingsReader(environment.GetValueOrDefault).Read();
        problems.ShouldBeEmpty();
        Parts = StepNode.Parts(settings!, Database);
    }

    public async Task DisposeAsync()
    {
        await Clouds.DisposeAsync();
        await Database.DisposeAsync();
        await server!.DisposeAsync();
    }

    /// <summary>A paid order, and nothing else in the database and at the providers.</summary>
    /// <param name="stage">What its beacon will have reported by the time that anybody asks.</param>
    internal async Task<StepScene> BeginAsync(string? stage)
    {
        await Clouds.Books.ResetAsync();
        var job = Guid.NewGuid();
        await using var connection = await Database.OpenConnectionAsync();
        await connection.ExecuteAsync("""
            TRUNCATE orders, work_items CASCADE;
            INSERT INTO orders (id, source, fingerprint, bundle, tier, beacon_name, email, price_cents, currency, paid_at)
            VALUES (@job, 'checkout', '', 'starter', 1, 'anna', 'anna@example.com', 2999, 'USD', now());
            INSERT INTO jobs (id, order_id, state, beacon_name, fqdn, stage, event_seq) VALUES (@job, @job, 'pending', 'anna', 'anna.' || @Zone, @stage, 1);
            INSERT INTO events (job_id, seq, kind) VALUES (@job, 1, 'created');
            INSERT INTO work_items (kind, subject, wake_at) VALUES ('provision', @job, now())
            """, new { job, EmulatedClouds.Zone, stage });
        return new StepScene(this, new JobId(job));
    }
}

/// <summary>One job on its way.</summary>
internal sealed class StepScene(StepBench bench, JobId job)
{
    public JobId Job => job;

    public StepNode StartNode() => new(bench.Parts, job);

    /// <summary>With the service's own steps, except these, until it is so far.</summary>
    public async Task DriveUntilAsync(JobState state, params IStep[] instead)
    {
        await using var node = StartNode();
        await DriveUntilAsync(async () => await StateAsync() == state, node, [.. node.Steps.Select(s => Array.Find(instead, i => i.State == s.State) ?? s)]);
    }

    /// <summary>Run after run, with as much time between them as anything waits for. A node that dies is another's the next time.</summary>
    public Task DriveUntilAsync(Func<Task<bool>> met, StepNode node, IReadOnlyList<IStep> steps) => Patience.UntilAsync(
        async () =>
        {
            if (await met()) return true;
            try
            {
                if (await LeaseAsync() is { } lease) await node.DriveAsync(lease, steps);
            }
            catch (NodeDiedException)
            {
                // What it had leased is somebody else's with the next lease.
            }
            return await met();
        },
        () => $"the job stays {StateAsync().GetAwaiter().GetResult().Word()}");

    /// <summary>What a worker does that finds the item due, whoever holds it: that one was silent for too long. Null when it is finished.</summary>
    public async Task<WorkLease?> LeaseAsync()
    {
        await using var connection = await bench.Database.OpenConnectionAsync();
        var row = await connection.QuerySingleOrDefaultAsync<(long Fence, long Signals)?>("""
            UPDATE resources SET intended_at = intended_at - interval '1 minute' WHERE job_id = @id;
            UPDATE work_items SET lease_until = now() + interval '1 minute', lease_owner = 'test', fence = fence + 1, attempt = 1
            WHERE kind = 'provision' AND subject = @id RETURNING fence, signals
            """, new { id = job.Value });
        return row is { } held ? new WorkLease(JobStore.WorkOf(job), held.Fence, 1, held.Signals) : null;
    }

    public Task CancelAsync() => ExecuteAsync("UPDATE jobs SET cancel_requested_at = now() WHERE id = @id");

    public async Task ExecuteAsync(string sql)
    {
        await using var connection = await bench.Database.OpenConnectionAsync();
        await connection.ExecuteAsync(sql, new { id = job.Value });
    }

    public async Task<JobState> StateAsync() => JobStates.Parse((await AskAsync("SELECT state FROM jobs WHERE id = @id")).Single());

    public async Task<bool> IsOverAsync() => (await AskAsync("SELECT id::text FROM jobs WHERE id = @id AND ended_at IS NOT NULL")).Count == 1;

    /// <summary>Everything that came of the job, here and at the providers, a line each, in a form that can be compared.</summary>
    public async Task<string> EffectsAsync() => string.Join('\n', (string[])
    [
        .. await AskAsync("""
            SELECT 'state ' || state FROM jobs WHERE id = @id
            UNION ALL SELECT 'error ' || error_code FROM jobs WHERE id = @id AND error_code IS NOT NULL
            UNION ALL (SELECT concat_ws(' ', 'event', seq, kind, data) FROM events WHERE job_id = @id ORDER BY seq)
            UNION ALL (SELECT 'mail ' || kind FROM outbox WHERE job_id = @id ORDER BY kind)
            UNION ALL (SELECT 'document ' || kind FROM documents WHERE job_id = @id ORDER BY kind)
            UNION ALL (SELECT concat_ws(' ', kind, name, CASE WHEN gone_at IS NULL THEN 'here' ELSE 'gone' END, CASE WHEN provider_id IS NULL THEN 'unknown' END)
                       FROM resources WHERE job_id = @id ORDER BY kind, name, gone_at)
            """),
        $"servers {(await bench.Clouds.Books.ServersOfAsync(job.Value)).Count}",
        $"all servers {(await bench.Clouds.Books.ServersAsync()).Count}",
        $"addresses {(await bench.Clouds.Books.PrimaryIpsAsync()).Count}",
        $"firewalls {(await bench.Clouds.Books.FirewallsAsync()).Count}",
        .. (await bench.Clouds.Books.RecordsOfAsync(job.Value)).Select(r => $"record {r.GetProperty("type")} {r.GetProperty("name")}").Order(StringComparer.Ordinal),
    ]);

    private async Task<IReadOnlyList<string>> AskAsync(string sql)
    {
        await using var connection = await bench.Database.OpenConnectionAsync();
        return [.. await connection.QueryAsync<string>(sql, new { id = job.Value })];
    }
}
