using Wopr.Platform.Http;
using Wopr.Platform.Http.Budget;
using Wopr.Provisioning.Ports;

namespace Wopr.Cloudflare;

/// <param name="Endpoint">Ends with <c>/client/v4</c>.</param>
/// <param name="Zone">The name of the zone in which all beacons live.</param>
public sealed record CloudflareOptions(Uri Endpoint, ApiToken Token, string Zone)
{
    internal const string Provider = "cloudflare";

    public CloudflareOptions(Uri endpoint, string token, string zone) : this(endpoint, new ApiToken(token), zone)
    {
    }

    /// <summary>
    /// 1200 calls in any five minutes, then blocked for five minutes (the provider's documentation, "Rate limits"). A full
    /// bucket of 300 and three a second on top come to 1200 in the worst five minutes.
    /// </summary>
    internal ProviderProfile Profile => new(Provider, Endpoint, Token, CloudflareErrors.Table, new BudgetAccount(
        $"{Provider}:{Token.Fingerprint}", Capacity: 300, RefillPerSecond: 3, Reserve: 60, BlockWithoutRetryAfter: TimeSpan.FromMinutes(5)));
}

public static class CloudflareRegistration
{
    /// <summary>Registers the zone as <see cref="IDnsProvider"/> and <see cref="IProviderAccess"/>.</summary>
    public static IServiceCollection AddCloudflare(this IServiceCollection services, CloudflareOptions options)
    {
        services.AddProviderChain(CloudflareOptions.Provider, () => options.Profile);
        services.AddSingleton(s => new CloudflareDns(
            new ProviderTransport(options.Profile, s.GetRequiredService<IHttpClientFactory>(), s.GetRequiredService<TimeProvider>()),
            options.Zone,
            s.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IDnsProvider>(s => new GatheredDns(s.GetRequiredService<CloudflareDns>(), s.GetRequiredService<Pause>()));
        services.AddSingleton<IDnsInventory>(s => s.GetRequiredService<CloudflareDns>());
        services.AddSingleton<IProviderAccess>(s => s.GetRequiredService<CloudflareDns>());
        return services;
    }
}
