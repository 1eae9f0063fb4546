using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization;
using Wopr.Platform;

namespace Wopr.Operators.SignIn;

/// <summary>The provider's endpoints, from its discovery document; asked for when first needed, and kept.</summary>
public sealed partial class ProviderDiscovery(Settings settings, ILogger<ProviderDiscovery> logger)
{
    private const string Document = ".well-known/openid-configuration";

    private Endpoints? known;

    /// <summary>Null when the provider does not answer, or is not the one that is configured.</summary>
    public async Task<Endpoints?> FindAsync(HttpClient http, CancellationToken cancellation)
    {
        if (known is not null || settings.SignIn.Provider is not { } account) return known;
        var issuer = account.Issuer.ToString().TrimEnd('/');
        try
        {
            await using var body = await http.GetStreamAsync(new Uri($"{issuer}/{Document}"), cancellation);
            var said = await JsonSerializer.DeserializeAsync<Said>(body, cancellationToken: cancellation);
            if (said?.Issuer.TrimEnd('/') != issuer) return Unusable("it names another issuer");
            if (!IsSafe(said.Authorization) || !IsSafe(said.Token) || !IsSafe(said.UserInfo) || !IsSafe(said.Keys)) return Unusable("an endpoint is missing or not HTTPS");
            return known = new Endpoints(said.Issuer, said.Authorization!, said.Token!, said.UserInfo!, said.Keys!);
        }
        catch (Exception error) when (error is HttpRequestException or SocketException or JsonException or TaskCanceledException && !cancellation.IsCancellationRequested)
        {
            return Unusable(error.Message);
        }
    }

    private bool IsSafe(string? url) => Uri.TryCreate(url, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttps || (settings.Sandbox && uri.IsLoopback));

    private Endpoints? Unusable(string why)
    {
        NoProvider(logger, why);
        return null;
    }

    public sealed record Endpoints(string Issuer, string Authorization, string Token, string UserInfo, string Keys);

    private sealed record Said(
        [property: JsonPropertyName("issuer")] string Issuer,
        [property: JsonPropertyName("authorization_endpoint")] string? Authorization,
        [property: JsonPropertyName("token_endpoint")] string? Token,
        [property: JsonPropertyName("userinfo_endpoint")] string? UserInfo,
        [property: JsonPropertyName("jwks_uri")] string? Keys);

    [LoggerMessage(2803, LogLevel.Warning, "AUTH-005 the identity provider cannot be used: {Why}")]
    private static partial void NoProvider(ILogger logger, string why);
}
