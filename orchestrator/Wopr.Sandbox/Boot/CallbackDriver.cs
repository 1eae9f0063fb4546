using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging;

namespace Wopr.Sandbox.Boot;

/// <summary>
/// Boots nothing: sends the callbacks that a beacon would send, in their order, and then counts its applications as up.
/// For load tests, where a process per server would measure the wrong thing.
/// </summary>
/// <param name="pace">1 takes about five seconds for ten modules; 0 waits for nothing.</param>
public sealed class CallbackDriver(HttpClient client, double pace, TimeProvider time, ILogger<CallbackDriver> logger) : IMachineDriver, IBeaconFace, IDisposable
{
    private static readonly string[] Core = ["postgresql", "redis", "caddy", "authentik"];

    private readonly ConcurrentDictionary<long, Beacon> _beacons = new();

    public void Start(Machine machine)
    {
        if (!CloudConfig.TryParse(machine.UserData, out var config, out _)) return;
        var file = config.Files.FirstOrDefault(f => f.Path == "/etc/wopr/bootstrap.json");
        if (file is null || JsonSerializer.Deserialize<Bootstrap>(file.Content) is not { } bootstrap) return;
        var beacon = new Beacon(machine.ServerId, bootstrap);
        if (_beacons.TryAdd(machine.ServerId, beacon)) _ = Task.Run(() => BootAsync(beacon, beacon.Power.Token));
    }

    public void Stop(long serverId)
    {
        if (_beacons.TryRemove(serverId, out var beacon)) beacon.Power.Cancel();
    }

    public void Destroy(long serverId) => Stop(serverId);

    public Task<BeaconAnswer?> AnswerAsync(long serverId, string host, string path, CancellationToken cancellation) => Task.FromResult(Answer(serverId, host, path));

    public BeaconAnswer? Answer(long serverId, string host, string path)
    {
        if (!_beacons.TryGetValue(serverId, out var beacon) || !beacon.IsUp) return null;
        if (host == beacon.Bootstrap.Beacon && path == "/.well-known/wopr/beacon.json") return new BeaconAnswer(200, "application/json", beacon.Json());
        return BeaconAnswer.Page(200, host, "A beacon that only counts as one.");
    }

    public void Dispose()
    {
        foreach (var id in _beacons.Keys) Stop(id);
    }

    private async Task BootAsync(Beacon beacon, CancellationToken cancellation)
    {
        try
        {
            var seq = 0;
            foreach (var message in Messages(beacon.Bootstrap.Modules))
            {
                await Task.Delay(TimeSpan.FromSeconds(0.2 * pace), time, cancellation);
                if (!await SendAsync(beacon, message with { Seq = ++seq }, cancellation)) break;
            }

            beacon.IsUp = true;
        }
        catch (OperationCanceledException)
        {
            // Switched off.
        }
    }

    private static IEnumerable<Message> Messages(IReadOnlyList<string> modules)
    {
        yield return new Message("boot", 2);
        yield return new Message("packages", 10);
        yield return new Message("wopr_download", 18);
        for (var i = 0; i < modules.Count; i++)
        {
            var stage = Core.Contains(modules[i]) ? "core_modules" : "app_modules";
            yield return new Message(stage, 20 + (75 * i / modules.Count), modules[i], "installing");
            yield return new Message(stage, 20 + (75 * (i + 1) / modules.Count), modules[i], "ready");
        }

        yield return new Message("health_ready", 97);
        yield return new Message("complete", 100);
    }

    /// <summary>As callback.sh does: again after a lost answer, 429 and 5xx; never after the job is over.</summary>
    private async Task<bool> SendAsync(Beacon beacon, Message message, CancellationToken cancellation)
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, beacon.Bootstrap.CallbackUrl) { Content = JsonContent.Create(message) };
                request.Headers.Add("X-Callback-Token", beacon.Bootstrap.CallbackToken);
                using var answer = await client.SendAsync(request, cancellation);
                if (answer.StatusCode != HttpStatusCode.TooManyRequests && (int)answer.StatusCode < 500)
                {
                    if (!answer.IsSuccessStatusCode) BootLog.CallbackRefused(logger, beacon.ServerId, (int)answer.StatusCode);
                    return answer.StatusCode != HttpStatusCode.Conflict;
                }
            }
            catch (Exception e) when (e is HttpRequestException or SocketException or TaskCanceledException && !cancellation.IsCancellationRequested)
            {
                // No connection, or no answer in time.
                BootLog.CallbackFailed(logger, beacon.ServerId, e.Message);
            }

            await Task.Delay(TimeSpan.FromSeconds(0.5), time, cancellation);
        }
    }

    private sealed record Message(
        [property: JsonPropertyName("stage")] string Stage,
        [property: JsonPropertyName("progress")] int Progress,
        [property: JsonPropertyName("module"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Module = null,
        [property: JsonPropertyName("message"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Text = null,
        [property: JsonPropertyName("seq")] int Seq = 0);

    private sealed record Bootstrap(
        [property: JsonPropertyName("job_id")] string JobId,
        [property: JsonPropertyName("beacon")] string Beacon,
        [property: JsonPropertyName("beacon_name")] string BeaconName,
        [property: JsonPropertyName("callback_url")] string CallbackUrl,
        [property: JsonPropertyName("callback_token")] string CallbackToken,
        [property: JsonPropertyName("installer_sha256")] string InstallerSha256,
        [property: JsonPropertyName("bundle")] string Bundle,
        [property: JsonPropertyName("modules")] IReadOnlyList<string> Modules);

    private sealed class Beacon(long serverId, Bootstrap bootstrap)
    {
        private volatile bool _isUp;

        public long ServerId => serverId;

        public Bootstrap Bootstrap => bootstrap;

        public CancellationTokenSource Power { get; } = new();

        public bool IsUp { get => _isUp; set => _isUp = value; }

        public string Json() => JsonSerializer.Serialize(new
        {
            beacon = bootstrap.Beacon,
            name = bootstrap.BeaconName,
            job_sha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(bootstrap.JobId))),
            installer_sha256 = bootstrap.InstallerSha256,
            bundle = bootstrap.Bundle,
            modules = bootstrap.Modules,
        });
    }
}
