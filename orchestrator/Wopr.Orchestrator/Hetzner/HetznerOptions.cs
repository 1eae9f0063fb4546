using Wopr.Platform;
using Wopr.Platform.Http;
using Wopr.Platform.Http.Budget;
using Wopr.Provisioning.Ports;

namespace Wopr.Hetzner;

/// <summary>One project.</summary>
/// <param name="Endpoint">Ends with <c>/v1</c>.</param>
public sealed record HetznerOptions(Uri Endpoint, ApiToken Token)
{
    public HetznerOptions(Uri endpoint, string token) : this(endpoint, new ApiToken(token))
    {
    }

    public ProjectName Project { get; init; } = ProjectName.Main;

    /// <summary>How many servers there may be at once; null for whatever the provider allows.</summary>
    public int? MostServers { get; init; }

    /// <summary>Nothing new is placed there.</summary>
    public bool Closed { get; init; }

    /// <summary>How long the catalogue is served from memory. Stock is a hint only, so a few minutes cost nothing.</summary>
    public TimeSpan KeepCatalogue { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long an image's id is served from memory. The provider replaces images every few weeks.</summary>
    public TimeSpan KeepImages { get; init; } = TimeSpan.FromHours(1);

    /// <summary>3600 calls an hour for each project, one comes back each second (the provider's documentation, "Rate Limiting").</summary>
    internal ProviderProfile Profile => new(Project.Provider, Endpoint, Token, HetznerErrors.Table, new BudgetAccount(
        $"hetzner:{Token.Fingerprint}", Capacity: 3600, RefillPerSecond: 1, Reserve: 600, BlockWithoutRetryAfter: TimeSpan.FromSeconds(5)));
}

public static class HetznerRegistration
{
    public static IServiceCollection AddHetzner(this IServiceCollection services, HetznerAccess access) => services.AddHetzner(
        [.. access.Projects.Select(p => new HetznerOptions(access.Endpoint, p.Token) { Project = p.Name, MostServers = p.MostServers, Closed = p.Closed })]);

    /// <summary>Registers all projects as <see cref="IClouds"/>, and each as <see cref="IProviderAccess"/>.</summary>
    public static IServiceCollection AddHetzner(this IServiceCollection services, params IReadOnlyList<HetznerOptions> projects)
    {
        foreach (var project in projects)
        {
            services.AddProviderChain(project.Project.Provider, () => project.Profile);
            services.AddSingleton<IProviderAccess>(s => s.GetRequiredService<HetznerClouds>().Cloud(project.Project));
        }

        services.AddSingleton(s => new HetznerClouds(projects, s.GetRequiredService<IHttpClientFactory>(), s.GetRequiredService<IProviderWatch>(), s.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IClouds>(s => s.GetRequiredService<HetznerClouds>());
        return services;
    }
}
