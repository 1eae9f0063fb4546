using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Wopr.Integration.Tests.Stack;
using Wopr.Platform;
using Wopr.Tests.Support;

namespace Wopr.Integration.Tests.Nodes;

/// <summary>An update finds jobs in flight that the first version's rows describe: they finish.</summary>
public sealed class PreviousVersionTests
{
    private static readonly string[] FirstMigrations = ["0001_core.sql", "0010_provider_budget.sql"];

    [Fact]
    public async Task Jobs_of_the_first_version_are_finished_by_this_one()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using (var source = Database.Open(database.ConnectionString))
        {
            await MigrateToTheFirstVersionAsync(source);
            await using var connection = await source.OpenConnectionAsync();
            await connection.ExecuteAsync(await File.ReadAllTextAsync(Repository.PathOf("tests", "Wopr.Integration.Tests", "Nodes", "first-version.sql")));
        }
        await using var stack = await WoprStack.StartAsync(connectionString: database.ConnectionString);
        (await stack.UntilAsync("11111111-0000-4000-8000-000000000001", "completed", "failed")).GetProperty("state").GetString().ShouldBe("completed", "one that was paid");
        (await stack.UntilAsync("11111111-0000-4000-8000-000000000002", "completed", "failed")).GetProperty("state").GetString().ShouldBe("completed", "one whose server was being asked for");
        await stack.UntilAsync("11111111-0000-4000-8000-000000000003", "rolled_back");
        (await stack.Sandbox.ServersAsync()).Count.ShouldBe(2);
        (await stack.Sandbox.OurRecordsAsync()).Count.ShouldBe(8);
    }

    private static async Task MigrateToTheFirstVersionAsync(NpgsqlDataSource source)
    {
        var folder = Directory.CreateTempSubdirectory("wopr-first-version-");
        foreach (var name in FirstMigrations) File.Copy(Repository.PathOf("migrations", name), Path.Combine(folder.FullName, name));
        (await new Migrator(source, NullLogger<Migrator>.Instance).ApplyAsync(folder.FullName, CancellationToken.None)).ShouldBe(FirstMigrations);
        folder.Delete(recursive: true);
    }
}
