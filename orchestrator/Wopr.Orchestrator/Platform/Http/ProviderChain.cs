using System.Net;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Wopr.Platform.Http.Budget;
using Wopr.Platform.Trace;

namespace Wopr.Platform.Http;

/// <summary>Waits for the given time; injected so that tests need not.</summary>
public delegate Task Pause(TimeSpan time, CancellationToken cancellation);

/// <summary>The one place where a provider's transport is put together.</summary>
public static class ProviderChain
{
    /// <summary>
    /// From the outside in. Telemetry and the watch see the call as its caller does. Retry decides about each further attempt, so
    /// what lies within it happens once an attempt: the budget is charged, the clock of the attempt runs, and the
    /// token is added last so that nothing further out can log it.
    /// </summary>
    /// <param name="name">The profile's.</param>
    /// <param name="profile">Asked with the first call: its table and its token's fingerprint are no matter of the start.</param>
    public static IServiceCollection AddProviderChain(this IServiceCollection services, string name, Func<ProviderProfile> profile)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(Random.Shared);
        services.TryAddSingleton<Pause>(s => (time, cancellation) => Task.Delay(time, s.GetRequiredService<TimeProvider>(), cancellation));
        services.TryAddSingleton<IProviderBudget, PostgresProviderBudget>();
        services.TryAddSingleton<ProviderTelemetry>();
        services.TryAddSingleton<IProviderWatch, NoWatch>();
        services.TryAddSingleton<IJobTrace, NoTrace>();

        services.AddHttpClient(name, client => client.Timeout = Timeout.InfiniteTimeSpan)
            .RemoveAllLoggers()
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            .ConfigurePrimaryHttpMessageHandler(Connections)
            .AddHttpMessageHandler(s => ActivatorUtilities.CreateInstance<TelemetryHandler>(s, profile()))
            .AddHttpMessageHandler(s => ActivatorUtilities.CreateInstance<WatchHandler>(s, profile()))
            .AddHttpMessageHandler(s => ActivatorUtilities.CreateInstance<RetryHandler>(s, profile()))
            .AddHttpMessageHandler(s => ActivatorUtilities.CreateInstance<BudgetHandler>(s, profile()))
            .AddHttpMessageHandler(s => ActivatorUtilities.CreateInstance<AttemptHandler>(s, profile()))
            .AddHttpMessageHandler(_ => new AuthenticationHandler(profile().Token));

        return services;
    }

    private static SocketsHttpHandler Connections() => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.All,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        // Below what load balancers keep: a create on a connection that just closed would count as a lost answer.
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(20),
        // Addresses behind a name change; a connection must not outlive that for long.
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
    };
}
