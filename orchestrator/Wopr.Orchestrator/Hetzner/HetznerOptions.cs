using Wopr.Platform.Http;
using Wopr.Platform.Http.Budget;
using Wopr.Provisioning.Ports;

namespace Wopr.Hetzner;

/// <param name="Endpoint">Ends with <c>/v1</c>.</param>
public sealed record HetznerOptions(Uri Endpoint, ApiToken Token)
{
    public HetznerOptions(Uri endpoint, string token) : this(endpoint, new ApiToken(token))
    {
    }

    /// <summary>How long the catalogue is served from memory. Stock is a hint only, so a few minutes cost nothing.</summary>
    public TimeSpan KeepCatalogue { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long an image's id is served from memory. The provider replaces images every few weeks.</summary>
    public TimeSpan KeepImages { get; init; } = TimeSpan.FromHours(1);

    /// <summary>3600 calls an hour for each project, one comes back each second (the provider's documentation, "Rate Limiting").</summary>
    internal ProviderProfile Profile => new("hetzner", Endpoint, Token, HetznerErrors.Table, new BudgetAccount(
        $"hetzner:{Token.Fingerprint}", Capacity: 3600, RefillPerSecond: 1, Reserve: 600, BlockWithoutRetryAfter: TimeSpan.FromSeconds(5)));
}

public static class HetznerRegistration
{
    /// <summary>Registers the cloud as <see cref="ICloudProvider"/>, <see cref="ICloudInventory"/> and <see cref="IProviderAccess"/>.</summary>
    public static IServiceCollection AddHetzner(this IServiceCollection services, HetznerOptions options)
    {
        var profile = options.Profile;
        services.AddProviderChain(profile);
        services.AddSingleton(s => new HetznerCloud(
            new ProviderTransport(profile, s.GetRequiredService<IHttpClientFactory>(), s.GetRequiredService<TimeProvider>()),
            options,
            s.GetRequiredService<TimeProvider>()));
        services.AddSingleton<ICloudProvider>(s => s.GetRequiredService<HetznerCloud>());
        services.AddSingleton<ICloudRepairs>(s => s.GetRequiredService<HetznerCloud>());
        services.AddSingleton<ICloudInventory>(s => s.GetRequiredService<HetznerCloud>());
        services.AddSingleton<IProviderAccess>(s => s.GetRequiredService<HetznerCloud>());
        return services;
    }
}
