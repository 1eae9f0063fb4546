using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Wopr.Platform;
using Wopr.Tests.Support;

namespace Wopr.Orchestrator.Tests.Work;

/// <summary>Migrations run twice, from two nodes at once, and after one that was interrupted: each is applied once, whole or not at all.</summary>
public sealed class MigratorTests : IAsyncLifetime
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("wopr-migrations-");
    private TestDatabase database = null!;
    private NpgsqlDataSource source = null!;

    public async Task InitializeAsync()
    {
        database = await TestDatabase.CreateAsync();
        source = Database.Open(database.ConnectionString);
    }

    public async Task DisposeAsync()
    {
        await source.DisposeAsync();
        await database.DisposeAsync();
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Run_twice_and_from_several_nodes_at_once_each_is_applied_once()
    {
        Write("0001_a.sql", "CREATE TABLE a (n int); INSERT INTO a VALUES (1);");
        Write("0002_b.sql", "CREATE TABLE b (n int); SELECT pg_sleep(0.2);");
        var applied = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => MigrateAsync()));
        applied.SelectMany(names => names).ShouldBe(["0001_a.sql", "0002_b.sql"], ignoreOrder: true);
        (await MigrateAsync()).ShouldBeEmpty();
        (await ReadAsync("SELECT count(*) FROM a")).ShouldBe(1);
    }

    [Fact]
    public async Task One_that_was_interrupted_leaves_nothing_and_is_repeated()
    {
        Write("0001_slow.sql", "CREATE TABLE slow (n int); SELECT pg_sleep(30);");
        var interrupted = MigrateAsync();
        await Patience.UntilAsync(
            async () => await ReadAsync("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_sleep(30)%' AND pid <> pg_backend_pid() AND state = 'active'") > 0,
            () => $"the migration never runs: {interrupted.Status}");
        await ReadAsync("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_sleep(30)%' AND pid <> pg_backend_pid()");
        (await Should.ThrowAsync<MigrationException>(() => interrupted)).Message.ShouldContain("0001_slow.sql");
        (await ReadAsync("SELECT count(*) FROM pg_tables WHERE tablename = 'slow'")).ShouldBe(0);

        Write("0001_slow.sql", "CREATE TABLE slow (n int);");
        (await MigrateAsync()).ShouldBe(["0001_slow.sql"]);
    }

    [Fact]
    public async Task One_that_fails_or_was_edited_is_named_and_nothing_of_it_is_kept()
    {
        Write("0001_a.sql", "CREATE TABLE a (n int);");
        Write("0002_bad.sql", "CREATE TABLE half (n int); CREATE TABLE a (n int);");
        (await Should.ThrowAsync<MigrationException>(MigrateAsync)).Message.ShouldBe("""0002_bad.sql failed: relation "a" already exists""");
        (await ReadAsync("SELECT count(*) FROM pg_tables WHERE tablename IN ('a', 'half')")).ShouldBe(1);

        Write("0001_a.sql", "CREATE TABLE a (n bigint);");
        (await Should.ThrowAsync<MigrationException>(MigrateAsync)).Message.ShouldContain("0001_a.sql was changed");
    }

    private void Write(string name, string sql) => File.WriteAllText(Path.Combine(folder.FullName, name), sql + "\n");

    private Task<IReadOnlyList<string>> MigrateAsync() => new Migrator(source, NullLogger<Migrator>.Instance).ApplyAsync(folder.FullName, CancellationToken.None);

    private async Task<long> ReadAsync(string sql)
    {
        await using var connection = await source.OpenConnectionAsync();
        return await connection.ExecuteScalarAsync<long>(sql);
    }
}
