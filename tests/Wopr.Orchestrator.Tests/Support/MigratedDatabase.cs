using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Wopr.Platform;
using Wopr.Platform.Work;
using Wopr.Tests.Support;

namespace Wopr.Orchestrator.Tests.Support;

/// <summary>A database of its own with all migrations applied; as a class fixture one for all tests of a class.</summary>
public sealed class MigratedDatabase : IAsyncLifetime
{
    private TestDatabase? database;

    public NpgsqlDataSource Source { get; private set; } = null!;

    /// <summary>This test's node among those that share the work.</summary>
    public WorkQueue Queue { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        database = await TestDatabase.CreateAsync();
        Source = Database.Open(database.ConnectionString);
        Queue = new WorkQueue(Source, WorkQueueOptions.For("test"), new WorkBell(TimeProvider.System));
        await new Migrator(Source, NullLogger<Migrator>.Instance).ApplyAsync(Repository.PathOf("migrations"), CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        await Source.DisposeAsync();
        await database!.DisposeAsync();
    }
}
