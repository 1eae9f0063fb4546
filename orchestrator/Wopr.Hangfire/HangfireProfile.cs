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
    /// <summary>How often servers look for jobs that no NOTIFY told them of.</summary>
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);

    /// <summary>A job whose server died is given to another after this; a server that lives says so all the time.</summary>
    private static readonly TimeSpan Invisibility = TimeSpan.FromSeconds(30);

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
                SchemaName = "hangfire",
                EnableLongPolling = true,
                QueuePollInterval = Poll,
                UseSlidingInvisibilityTimeout = true,
                InvisibilityTimeout = Invisibility,
                // A start without its tables would look like a start.
                AllowDegradedModeWithoutStorage = false,
            })
            .UseRunLinks());
        services.AddHangfireServer((parts, server) =>
        {
            server.ServerName = NodeName.Current.Machine;
            server.Queues = HandedQueues.All;
            server.WorkerCount = parts.GetRequiredService<WorkQueueOptions>().Concurrency;
            server.StopTimeout = TimeSpan.FromSeconds(3);
            server.ShutdownTimeout = TimeSpan.FromSeconds(4);
            server.SchedulePollingInterval = TimeSpan.FromSeconds(5);
            server.CancellationCheckInterval = TimeSpan.FromSeconds(5);
        });
    }

    public void Map(WebApplication app) => app.MapDashboard(RunsPath);

    public Task PrepareAsync(IServiceProvider services, CancellationToken cancellation)
    {
        // Made here and not at the first use, so that a database that refuses Hangfire's tables ends the start.
        _ = services.GetRequiredService<JobStorage>();
        var recurring = services.GetRequiredService<IRecurringJobManager>();
        foreach (var work in services.GetServices<IWorkHandler>().OfType<RecurringWork>()) recurring.AddOrUpdate<HandedWork>(work.Kind, wake => wake.WakeAsync(work.Kind, CancellationToken.None), Crons.Of(work.UsualPeriod));
        return Task.CompletedTask;
    }

    /// <summary>The service's own database by the same rules; Hangfire has connections of its own.</summary>
    private static string Connection(string database) => new NpgsqlConnectionStringBuilder(database)
    {
        GssEncryptionMode = GssEncryptionMode.Disable,
        ApplicationName = "wopr-hangfire",
        MaxPoolSize = 40,
        KeepAlive = 30,
    }.ConnectionString;
}

/// <summary>A period as Hangfire's recurring jobs want it: every so many minutes or hours.</summary>
internal static class Crons
{
    public static string Of(TimeSpan period)
    {
        if (period <= TimeSpan.FromMinutes(1)) return Cron.Minutely();
        return period < TimeSpan.FromHours(1) ? $"*/{(int)period.TotalMinutes} * * * *" : $"0 */{(int)Math.Min(period.TotalHours, 23)} * * *";
    }
}
