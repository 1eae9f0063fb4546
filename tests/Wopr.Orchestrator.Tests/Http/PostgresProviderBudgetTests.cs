using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Wopr.Orchestrator.Tests.Support;
using Wopr.Platform.Http;
using Wopr.Platform.Http.Budget;
using Wopr.Tests.Support;

namespace Wopr.Orchestrator.Tests.Http;

/// <summary>On a real PostgreSQL, each test in a schema of its own.</summary>
public sealed class PostgresProviderBudgetTests
{
    private static readonly BudgetAccount Account = new("test:0", Capacity: 100, RefillPerSecond: 1, Reserve: 40, TimeSpan.FromSeconds(5));

    private readonly TestClock clock = new();

    [DatabaseFact]
    public async Task Two_nodes_together_spend_what_is_there_and_no_more()
    {
        await using var schema = await Schema.CreateAsync();
        var nodes = new[] { Node(schema), Node(schema) };
        var taken = 0;
        for (var i = 0; i < 400; i++)
        {
            if (await nodes[i % 2].TakeAsync(Account, CallPriority.Customer, CancellationToken.None) == TimeSpan.Zero) taken++;
        }

        taken.ShouldBe(100);
    }

    [DatabaseFact]
    public async Task It_refills_with_time_and_says_how_long_to_wait()
    {
        await using var schema = await Schema.CreateAsync();
        var node = Node(schema);
        await SpendAsync(node, 100);

        (await node.TakeAsync(Account, CallPriority.Customer, CancellationToken.None)).ShouldBe(TimeSpan.FromSeconds(1));
        await PassAsync(schema, TimeSpan.FromSeconds(3));
        await SpendAsync(node, 3);
        (await node.TakeAsync(Account, CallPriority.Customer, CancellationToken.None)).ShouldBe(TimeSpan.FromSeconds(1));
    }

    [DatabaseFact]
    public async Task Sweeps_leave_the_reserve_to_customers()
    {
        await using var schema = await Schema.CreateAsync();
        var node = Node(schema);
        var swept = 0;
        TimeSpan wait;
        while ((wait = await node.TakeAsync(Account, CallPriority.Sweep, CancellationToken.None)) == TimeSpan.Zero) swept++;

        swept.ShouldBe(60);
        wait.ShouldBe(TimeSpan.FromSeconds(1));
        await SpendAsync(node, 40);
        (await node.TakeAsync(Account, CallPriority.Customer, CancellationToken.None)).ShouldBeGreaterThan(TimeSpan.Zero);
    }

    [DatabaseFact]
    public async Task A_block_by_one_node_stops_the_others_and_ends()
    {
        await using var schema = await Schema.CreateAsync();
        var (one, two) = (Node(schema), Node(schema));
        await one.BlockAsync(Account, clock.GetUtcNow().AddSeconds(30), CancellationToken.None);

        (await one.TakeAsync(Account, CallPriority.Customer, CancellationToken.None)).ShouldBe(TimeSpan.FromSeconds(30));
        (await two.TakeAsync(Account, CallPriority.Customer, CancellationToken.None)).ShouldBe(TimeSpan.FromSeconds(30));
        await PassAsync(schema, TimeSpan.FromSeconds(32));
        await SpendAsync(two, 2);
        (await two.TakeAsync(Account, CallPriority.Customer, CancellationToken.None)).ShouldBeGreaterThan(TimeSpan.Zero);
    }

    [DatabaseFact]
    public async Task The_providers_own_count_is_followed()
    {
        await using var schema = await Schema.CreateAsync();
        var node = Node(schema);
        await SpendAsync(node, 1);
        node.Observe(Account, new RateReading(9));
        node.Observe(Account, new RateReading(3));
        await PassAsync(schema, PostgresProviderBudget.LeaseTime);

        await SpendAsync(node, 3);
        (await node.TakeAsync(Account, CallPriority.Customer, CancellationToken.None)).ShouldBeGreaterThan(TimeSpan.Zero);
    }

    [DatabaseFact]
    public async Task A_raised_limit_is_followed_too()
    {
        await using var schema = await Schema.CreateAsync();
        var node = Node(schema);
        node.Observe(Account, new RateReading(200, 200));
        await SpendAsync(node, 1);

        await using var command = schema.Database.CreateCommand("select capacity, refill_per_second from provider_budgets");
        await using var row = await command.ExecuteReaderAsync();
        await row.ReadAsync();
        (row.GetDouble(0), row.GetDouble(1)).ShouldBe((200, 2));
    }

    [DatabaseFact]
    public async Task In_the_steady_state_one_statement_serves_many_calls()
    {
        await using var schema = await Schema.CreateAsync();
        var node = Node(schema);
        var account = Account with { Capacity = 3600 };
        await SpendAsync(node, 1, account);
        var before = await schema.WritesAsync();
        await SpendAsync(node, 200, account);
        (await schema.WritesAsync() - before).ShouldBe(10);
    }

    [DatabaseFact]
    public async Task Many_at_once_are_charged_exactly()
    {
        await using var schema = await Schema.CreateAsync();
        var nodes = new[] { Node(schema), Node(schema), Node(schema) };
        var answers = await Task.WhenAll(Enumerable.Range(0, 300).Select(i => nodes[i % 3].TakeAsync(Account, CallPriority.Customer, CancellationToken.None).AsTask()));
        answers.Count(a => a == TimeSpan.Zero).ShouldBe(100);
    }

    [Fact]
    public async Task Without_a_database_calls_go_on_and_the_log_says_so()
    {
        await using var database = NpgsqlDataSource.Create("Host=127.0.0.1;Port=1;Username=nobody;Timeout=1;Gss Encryption Mode=Disable");
        var logs = new CapturedLogs();
        using var factory = new Microsoft.Extensions.Logging.LoggerFactory([logs]);
        var node = new PostgresProviderBudget(database, clock, new Microsoft.Extensions.Logging.Logger<PostgresProviderBudget>(factory));
        (await node.TakeAsync(Account, CallPriority.Customer, CancellationToken.None)).ShouldBe(TimeSpan.Zero);
        await node.BlockAsync(Account, clock.GetUtcNow().AddSeconds(9), CancellationToken.None);
        (await node.TakeAsync(Account, CallPriority.Customer, CancellationToken.None)).ShouldBe(TimeSpan.FromSeconds(9));
        logs.Lines.ShouldContain(l => l.StartsWith("Warning 4031"));
    }

    private PostgresProviderBudget Node(Schema schema) => new(schema.Database, clock, NullLogger<PostgresProviderBudget>.Instance);

    /// <summary>Time passes at the database, which is what counts, and at the nodes, whose clocks are an hour off.</summary>
    private async Task PassAsync(Schema schema, TimeSpan time)
    {
        await schema.PassAsync(time);
        clock.Advance(time);
    }

    private static async Task SpendAsync(PostgresProviderBudget node, int calls, BudgetAccount? account = null)
    {
        for (var i = 0; i < calls; i++)
            (await node.TakeAsync(account ?? Account, CallPriority.Customer, CancellationToken.None)).ShouldBe(TimeSpan.Zero, $"call {i}");
    }

    /// <summary>A schema with the budget's table and a count of the statements that changed it.</summary>
    private sealed class Schema : IAsyncDisposable
    {
        private readonly string name = $"budget_{Guid.NewGuid():N}";

        public NpgsqlDataSource Database { get; private set; } = null!;

        public static async Task<Schema> CreateAsync()
        {
            var schema = new Schema();
            var connection = new NpgsqlConnectionStringBuilder(DatabaseFactAttribute.Connection!) { SearchPath = $"{schema.name},pg_catalog", GssEncryptionMode = GssEncryptionMode.Disable };
            schema.Database = NpgsqlDataSource.Create(connection);
            var migration = await File.ReadAllTextAsync(Repository.PathOf("migrations", "0010_provider_budget.sql"));
            await schema.ExecuteAsync($"create schema {schema.name}");
            await schema.ExecuteAsync(migration);
            // A clock of the database's own that stands until it is moved: this now() is found before the usual one.
            await schema.ExecuteAsync("""
                create table clock (t timestamptz not null);
                insert into clock values ('2024-02-29 23:59:30Z');
                create function now() returns timestamptz language sql stable as 'select t from clock';
                create table writes (n int not null);
                insert into writes values (0);
                create function count_write() returns trigger language plpgsql as 'begin update writes set n = n + 1; return null; end';
                create trigger counted after update on provider_budgets for each statement execute function count_write();
                """);
            return schema;
        }

        public async Task<int> WritesAsync()
        {
            await using var command = Database.CreateCommand("select n from writes");
            return (int)(await command.ExecuteScalarAsync())!;
        }

        public async Task PassAsync(TimeSpan time)
        {
            await using var command = Database.CreateCommand("update clock set t = t + $1");
            command.Parameters.AddWithValue(time);
            await command.ExecuteNonQueryAsync();
        }

        public async ValueTask DisposeAsync()
        {
            await ExecuteAsync($"drop schema {name} cascade");
            await Database.DisposeAsync();
        }

        private async Task ExecuteAsync(string sql)
        {
            await using var command = Database.CreateCommand(sql);
            await command.ExecuteNonQueryAsync();
        }
    }
}

/// <summary>Skipped, with the reason, where no PostgreSQL is offered to the tests.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class DatabaseFactAttribute : FactAttribute
{
    public DatabaseFactAttribute()
    {
        if (string.IsNullOrEmpty(Connection)) Skip = "WOPR_TEST_DATABASE names no PostgreSQL for tests";
    }

    public static string? Connection => Environment.GetEnvironmentVariable("WOPR_TEST_DATABASE");
}
