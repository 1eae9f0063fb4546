using Hangfire;
using Hangfire.Client;
using Hangfire.Common;
using Hangfire.Server;
using Hangfire.States;
using Wopr.Platform.Work;

namespace Wopr.Profiles;

/// <summary>
/// Hangfire's server, put together here because its usual one cannot be told how long to wait after trouble: its parts
/// would pause for the square of the failures in seconds, which after a long absence of the database is minutes.
/// </summary>
internal sealed class HandedServer(
    JobStorage storage, JobActivator activator, IJobFilterProvider filters, RecurringRounds rounds, WorkQueueOptions options, IHostApplicationLifetime lifetime) : IHostedService, IDisposable
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    /// <summary>How often it is looked which recurring jobs are due; the finest of them comes round each minute.</summary>
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(15);

    private BackgroundProcessingServer? server;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        // Nothing is fetched before the service answers, and nothing after it was told to stop.
        lifetime.ApplicationStarted.Register(() => server = Begin());
        lifetime.ApplicationStopping.Register(() => server?.SendStop());
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => server?.WaitForShutdownAsync(cancellationToken) ?? Task.CompletedTask;

    public void Dispose() => server?.Dispose();

    private BackgroundProcessingServer Begin() => new(
        storage,
        [
            new LookingWorker(HandedQueues.All, new BackgroundJobPerformer(filters, activator, TaskScheduler.Default), new BackgroundJobStateChanger(filters)).UseBackgroundPool(options.Concurrency),
            new RecurringJobScheduler(new BackgroundJobFactory(filters), BetweenLooks).UseBackgroundPool(1),
            rounds.UseBackgroundPool(1),
        ],
        new Dictionary<string, object>(StringComparer.Ordinal) { ["Queues"] = HandedQueues.All, ["WorkerCount"] = options.Concurrency },
        new BackgroundProcessingServerOptions
        {
            ServerName = NodeName.Current.Machine,
            StopTimeout = TimeSpan.FromSeconds(3),
            ShutdownTimeout = TimeSpan.FromSeconds(4),
            CancellationCheckInterval = TimeSpan.FromSeconds(5),
            RetryDelay = failures => TimeSpan.FromSeconds(Math.Min(failures, LongestPause.TotalSeconds)),
            RestartDelay = LongestPause,
        });
}
