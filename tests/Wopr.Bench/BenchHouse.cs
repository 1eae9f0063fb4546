using System.Security.Cryptography;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Wopr.Platform;
using Wopr.Tests.Support;

namespace Wopr.Bench;

/// <summary>A database of its own with all migrations, and the service's parts on it as the service puts them together.</summary>
internal sealed class BenchHouse : IAsyncDisposable
{
    private readonly TestDatabase database;

    private BenchHouse(TestDatabase database)
    {
        this.database = database;
        Source = Database.Open(database.ConnectionString + ";Maximum Pool Size=40");
    }

    public NpgsqlDataSource Source { get; }

    public string ConnectionString => database.ConnectionString;

    public static async Task<BenchHouse> OpenAsync()
    {
        var house = new BenchHouse(await TestDatabase.CreateAsync());
        await new Migrator(house.Source, NullLogger<Migrator>.Instance).ApplyAsync(House.Migrations, CancellationToken.None);
        return house;
    }

    /// <summary>The service's parts, on this database.</summary>
    public ServiceProvider Parts()
    {
        var parts = new ServiceCollection();
        AddParts(parts);
        return parts.BuildServiceProvider();
    }

    public Settings AddParts(IServiceCollection parts)
    {
        var (settings, problems) = new SettingsReader(name => name switch
        {
            "WOPR_DATABASE" => ConnectionString,
            "WOPR_SANDBOX_HETZNER_URL" or "WOPR_SANDBOX_CLOUDFLARE_URL" or "WOPR_SANDBOX_GATE_URL" => "http://127.0.0.1:9",
            _ => null,
        }).Read();
        if (settings is null) throw new InvalidOperationException(string.Join("; ", problems));
        parts.AddLogging();
        Service.AddServices(parts, settings, new HouseReading());
        parts.AddSingleton(Source);
        return settings;
    }

    public Task<IReadOnlyList<BenchJob>> AddJobsAsync(int count, string state, bool due = false) => BenchJob.AddAsync(Source, count, state, due);

    /// <summary>Transactions of this database that were committed so far, this question's own among them.</summary>
    public static async Task<long> CommitsAsync(NpgsqlDataSource source)
    {
        await using var connection = await source.OpenConnectionAsync();
        await connection.ExecuteAsync("SELECT pg_stat_force_next_flush(), pg_stat_clear_snapshot()");
        return await connection.ExecuteScalarAsync<long>("SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()");
    }

    public async ValueTask DisposeAsync()
    {
        await Source.DisposeAsync();
        await database.DisposeAsync();
    }
}

/// <summary>A job whose beacon has reported before, with a token that is good for it.</summary>
internal sealed record BenchJob(Guid Id, string Token)
{
    public static async Task<IReadOnlyList<BenchJob>> AddAsync(NpgsqlDataSource source, int count, string state, bool due)
    {
        var jobs = Enumerable.Range(0, count).Select(_ => new BenchJob(Guid.NewGuid(), Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)))).ToList();
        await using var connection = await source.OpenConnectionAsync();
        await connection.ExecuteAsync("""
            INSERT INTO orders (id, source, fingerprint, bundle, tier, beacon_name, email, price_cents, currency, paid_at)
            SELECT id, 'operator', decode(replace(id::text, '-', ''), 'hex'), 'starter', 1, 'b-' || id, 'bench@example.com', 100, 'EUR', now() FROM unnest(@ids) AS id;
            INSERT INTO jobs (id, order_id, state, stage, beacon_name, fqdn) SELECT id, id, @state, 'packages', 'b-' || id, 'b-' || id || '.beacons.localhost' FROM unnest(@ids) AS id;
            INSERT INTO callback_tokens (hash, job_id, fingerprint, expires_at) SELECT hash, id, 'bench', now() + interval '1 day' FROM unnest(@ids, @hashes) AS t (id, hash);
            INSERT INTO work_items (kind, subject, wake_at) SELECT 'provision', id, CASE WHEN @due THEN now() ELSE 'infinity' END FROM unnest(@ids) AS id
            """, new
        {
            ids = jobs.Select(j => j.Id).ToArray(),
            hashes = jobs.Select(j => SHA256.HashData(Convert.FromHexString(j.Token))).ToArray(),
            state,
            due,
        });
        return jobs;
    }
}
