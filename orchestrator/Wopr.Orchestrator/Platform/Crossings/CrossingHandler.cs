using Wopr.Platform.Http;

namespace Wopr.Platform.Crossings;

/// <summary>Stands around every outgoing HTTP call of every client, so that none is forgotten.</summary>
internal sealed class CrossingHandler : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var operation = ProviderCall.NameOf(request) ?? "http";
        CrossingPoints.Before(CrossingPoints.Call, operation);
        var response = await base.SendAsync(request, cancellationToken);
        CrossingPoints.After(CrossingPoints.Call, operation);
        return response;
    }
}

public static class CrossingsRegistration
{
    /// <summary>Does nothing unless the settings ask for it, which only the sandbox's may.</summary>
    public static IServiceCollection AddCrossings(this IServiceCollection services, Settings settings)
    {
        if (settings.CrossingsFolder is not { } folder) return services;
        CrossingPoints.Watch(new SuddenDeath(folder).Meet);
        services.ConfigureHttpClientDefaults(client => client.AddHttpMessageHandler(() => new CrossingHandler()));
        return services;
    }
}
