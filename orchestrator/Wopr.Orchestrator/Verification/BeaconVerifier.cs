using System.Net;
using System.Net.Sockets;
using Wopr.CloudInit;
using Wopr.Platform;
using Wopr.Provisioning;
using Wopr.Support;

namespace Wopr.Verification;

/// <summary>Looks at a beacon as its customer will: by name, over the network, from outside.</summary>
public sealed class BeaconVerifier(IHttpClientFactory clients, BeaconAddresses addresses)
{
    public const string ClientName = "beacon";

    /// <summary>Null when everything answers; otherwise the first thing that does not, with its code.</summary>
    public async Task<VerificationFinding?> CheckAsync(JobId job, string fqdn, IReadOnlyList<string> hosts, CancellationToken cancellation)
    {
        using var client = clients.CreateClient(ClientName);
        if (await CheckBeaconAsync(client, job, fqdn, cancellation) is { } finding) return finding;
        var checks = await Task.WhenAll(hosts.Select(host => CheckApplicationAsync(client, host, cancellation)));
        return checks.FirstOrDefault(check => check is not null);
    }

    private async Task<VerificationFinding?> CheckBeaconAsync(HttpClient client, JobId job, string fqdn, CancellationToken cancellation)
    {
        var url = new Uri(addresses.Of(fqdn), BeaconReport.Path);
        var (status, body, trouble) = await GetAsync(client, url, cancellation);
        if (trouble is not null) return new(ErrorCodes.BeaconUnreachable, $"{url}: {trouble}");
        if (status != HttpStatusCode.OK) return new(ErrorCodes.BeaconUnreachable, $"{url} answers {(int?)status}");
        return BeaconReport.TryParse(body, out var report) && report.IsOf(job) ? null : new(ErrorCodes.BeaconMistaken, $"{url} is answered by something that is not job {job}");
    }

    private async Task<VerificationFinding?> CheckApplicationAsync(HttpClient client, string host, CancellationToken cancellation)
    {
        var url = addresses.Of(host);
        var (status, _, trouble) = await GetAsync(client, url, cancellation);
        if (trouble is not null) return new(ErrorCodes.ApplicationUnreachable, $"{url}: {trouble}");
        // A redirect to the sign-in and a refusal without one are answers; a missing page or a broken gateway is not.
        return (int?)status < 400 || status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden
            ? null
            : new(ErrorCodes.ApplicationUnreachable, $"{url} answers {(int?)status}");
    }

    private static async Task<(HttpStatusCode? Status, string Body, string? Trouble)> GetAsync(HttpClient client, Uri url, CancellationToken cancellation)
    {
        try
        {
            using var response = await client.GetAsync(url, HttpCompletionOption.ResponseContentRead, cancellation);
            return (response.StatusCode, await response.Content.ReadAsStringAsync(cancellation), null);
        }
        catch (Exception error) when (error is HttpRequestException or SocketException)
        {
            return (null, "", error.Message);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return (null, "", "no answer in time");
        }
    }
}

public sealed record VerificationFinding(ErrorCode Code, string Detail);

/// <summary>
/// Where beacons are: on the real internet at https://name, in the sandbox at its gate, which stands for the internet:
/// it resolves names through the emulated DNS and reaches machines by the emulated addresses.
/// </summary>
public sealed class BeaconAddresses(Settings settings)
{
    public Uri Of(string host) => settings.Gate is { } gate ? new Uri($"http://{host}:{gate.Port}/") : new Uri($"https://{host}/");

    /// <summary>Small limits: a beacon is not ours to trust. In the sandbox every name is reached through the gate.</summary>
    public SocketsHttpHandler Handler()
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            PooledConnectionLifetime = TimeSpan.FromSeconds(30),
            UseProxy = false,
            UseCookies = false,
        };
        if (settings.Gate is { } gate)
            handler.ConnectCallback = async (_, cancellation) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                try
                {
                    await socket.ConnectAsync(gate.Host, gate.Port, cancellation);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            };
        return handler;
    }
}
