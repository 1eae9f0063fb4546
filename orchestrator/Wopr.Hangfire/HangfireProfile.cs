using Hangfire;
using Hangfire.PostgreSql;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Npgsql;
using Wopr.Platform;
using Wopr.Platform.Work;
using Wopr.Templating;
using Wopr.Templating.Loading;

namespace Wopr.Profiles;

/// <summary>
/// Work items are driven by Hangfire's servers, and templates are rendered by Scriban. Hangfire only executes: leases,
/// fences, attempts and pauses are the work queue's, as in the core.
/// </summary>
internal sealed class HangfireProfile : IProfile
{
    private const string Schema = "hangfire";

    /// <summary>
    /// How often a worker that waits looks for jobs that nobody woke it for: those of another node, and those whose wake-up was lost,
    /// which happens when two come while no worker waits. It is less than <see cref="WorkHandOut.Patience"/>, after which an
    /// item is handed out anew. A node's own jobs wake its workers within the process, so LISTEN brings nothing but a
    /// connection for every worker; deploy/SCALE.md has the measurement.
    /// </summary>
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(10);

    /// <summary>A job whose server died is given to another after this; a server that lives says so all the time.</summary>
    private static readonly TimeSpan Invisibility = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan LongestLock = TimeSpan.FromSeconds(10);

    public string RunsPath => "/hangfire/work";

    public void AddServices(IServiceCollection services, Settings settings)
    {
        services.RemoveAll<ITemplateEngine>();
        services.AddSingleton<ITemplateEngine>(_ => new ScribanEngine(new FolderLoader(House.Templates)));

        foreach (var worker in services.Where(s => s.ImplementationType == typeof(Worker)).ToList()) services.Remove(worker);
        services.AddSingleton<WorkHandOut>();
        services.AddSingleton<HandedWork>();
        services.AddHostedService<HandOver>();
        services.AddHangfire((parts, hangfire) => hangfire
            .UseRecommendedSerializerSettings()
            .UseFilter(new AutomaticRetryAttribute { Attempts = 0 })
            .UsePostgreSqlStorage(storage => storage.UseNpgsqlConnection(Connection(settings.Database)), new PostgreSqlStorageOptions
            {
                SchemaName = Schema,
                // Made before anything runs; the storage itself would go on without.
                PrepareSchemaIfNecessary = false,
                EnableLongPolling = false,
                QueuePollInterval = Poll,
                UseSlidingInvisibilityTimeout = true,
                InvisibilityTimeout = Invisibility,
                // A lock of a node that was killed is in the way for so long. What Hangfire locks, WOPR's fences hold together.
                DistributedLockTimeout = LongestLock,
            })
            .UseRunLinks());
        services.AddSingleton<HandedRuns>();
        services.AddSingleton<RecurringRounds>();
        services.AddHostedService<HandedServer>();
    }

    public void Map(WebApplication app) => app.MapDashboard(RunsPath);

    /// <summary>
    /// Hangfire's tables are made here, so that a database that refuses them ends the start; by one node at a time, because
    /// Hangfire's scripts do not bear to be run twice at once.
    /// </summary>
    public Task PrepareAsync(IServiceProvider services, CancellationToken cancellation) => services.GetRequiredService<Migrator>().AloneAsync(async _ =>
    {
        await using var own = new NpgsqlConnection(Connection(services.GetRequiredService<Settings>().Database));
        await own.OpenAsync(cancellation);
        try
        {
            PostgreSqlObjectsInstaller.Install(own, Schema);
        }
        catch (PostgresException error)
        {
            throw new MigrationException($"Hangfire's tables cannot be made: {error.MessageText}", error);
        }
    }, cancellation);

    /// <summary>The service's own database by the same rules; Hangfire has connections of its own.</summary>
    private static string Connection(string database) => new NpgsqlConnectionStringBuilder(database)
    {
        GssEncryptionMode = GssEncryptionMode.Disable,
        ApplicationName = "wopr-hangfire",
        MaxPoolSize = 40,
        KeepAlive = 30,
        // As with the service's own: nobody changes a session's settings.
        NoResetOnClose = true,
    }.ConnectionString;
}
