using System.Text.Json.Serialization.Metadata;
using Wopr.Platform.Http;
using Wopr.Provisioning.Ports;
using Wopr.Support;

namespace Wopr.Cloudflare;

/// <summary>One zone at Cloudflare. This file holds what its operations share: the zone's id and the envelope.</summary>
public sealed partial class CloudflareDns(ProviderTransport transport, string zone, TimeProvider time) : IDnsProvider, IDnsInventory, IProviderAccess
{
    /// <summary>A zone keeps its id for life; asked again now and then in case it was deleted and added anew.</summary>
    private readonly SharedFlight<string> zoneId = new(TimeSpan.FromHours(1), time);

    public string Provider => CloudflareOptions.Provider;

    /// <summary>The token is active, and the zone is there for it to see.</summary>
    public async Task<ProviderResult<bool>> CheckAccessAsync(CancellationToken cancellation)
    {
        var answer = await CallAsync(HttpMethod.Get, "tokens.verify", "user/tokens/verify", Repeat.Freely, content: null, CloudflareJson.Default.EnvelopeTokenDto, cancellation);
        if (!answer.IsSuccess(out var body, out var failure)) return failure;
        if (body.Result?.Status != "active") return transport.NotSent(ErrorCodes.CloudflareTokenRefused, "the token is not active");
        var found = await ZoneIdAsync(cancellation);
        return found.IsSuccess(out _, out failure) ? true : failure;
    }

    /// <summary>Empties the cache of these host names. The provider takes 30 at a time.</summary>
    public async Task<ProviderResult<bool>> PurgeCacheAsync(IReadOnlyCollection<string> hosts, CancellationToken cancellation)
    {
        if (!(await ZoneIdAsync(cancellation)).IsSuccess(out var id, out var failure)) return failure;
        foreach (var chunk in hosts.Chunk(30))
        {
            var content = ProviderTransport.Content(new PurgeBody(chunk), CloudflareJson.Default.PurgeBody);
            var answer = await CallAsync(HttpMethod.Post, "cache.purge", $"zones/{id}/purge_cache", Repeat.Freely, content, CloudflareJson.Default.EnvelopeJsonElement, cancellation);
            if (!answer.IsSuccess(out _, out failure)) return failure;
        }

        return true;
    }

    private Task<ProviderResult<string>> ZoneIdAsync(CancellationToken cancellation) => zoneId.GetAsync(FetchZoneIdAsync, cancellation);

    private async Task<ProviderResult<string>> FetchZoneIdAsync()
    {
        var answer = await CallAsync(
            HttpMethod.Get, "zones.find", $"zones?name={Uri.EscapeDataString(zone)}", Repeat.Freely, content: null, CloudflareJson.Default.EnvelopeIReadOnlyListZoneDto, CancellationToken.None);
        if (!answer.IsSuccess(out var body, out var failure)) return failure;
        return body.Result?.FirstOrDefault(z => string.Equals(z.Name, zone, StringComparison.OrdinalIgnoreCase)) is { } found
            ? found.Id
            : transport.NotSent(ErrorCodes.ZoneNotFound, $"the token sees no zone {zone}");
    }

    /// <summary>Unwraps the envelope: <c>success: false</c> is a refusal whatever the status says.</summary>
    private async Task<ProviderResult<Envelope<T>>> CallAsync<T>(
        HttpMethod method, string operation, string path, Repeat repeat, HttpContent? content, JsonTypeInfo<Envelope<T>> type, CancellationToken cancellation)
    {
        var answer = await transport.SendAsync(method, operation, path, repeat, content, cancellation);
        if (!answer.IsSuccess(out var reply, out var failure)) return failure;
        if (WireJson.TryRead(reply.Body, type) is not { } envelope) return transport.Unreadable(reply.Status, repeat);
        return envelope.Success ? envelope : transport.Refused(operation, repeat, reply);
    }
}
