using System.Diagnostics;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Wopr.Tests.Support;

namespace Wopr.Orchestrator.Tests.Modules;

/// <summary>
/// The real Caddy with the Caddyfile of a beacon that has every module, on Unix sockets. Behind it each container only
/// says who was asked and what about <c>X-Authentik-*</c> it was told; Authentik knows one session, alice's.
/// </summary>
public sealed partial class RunningCaddy : IAsyncLifetime
{
    public const string Tool = "caddy";
    public const string Session = "session=alice";
    private readonly string _folder = Directory.CreateTempSubdirectory("wopr-gate-").FullName;
    private WebApplication? _containers;
    private Process? _caddy;
    private HttpClient? _client;

    private string Front => Path.Combine(_folder, "front");

    public async Task InitializeAsync()
    {
        if (Wopr.Tests.Support.Tool.WhyMissing([Tool, "bash"]) is not null) return;
        var caddyfile = LaidOutBeacon.OfEverything().Read("etc/wopr/Caddyfile");
        await StartContainersAsync(Container().Matches(caddyfile).Select(SocketOf).Distinct());
        caddyfile = Container().Replace(caddyfile, container => $"unix/{SocketOf(container)}");
        caddyfile = Site().Replace(caddyfile, "http://$1 {");
        caddyfile = caddyfile.Replace("admin localhost:2019", $"admin off\n\tauto_https off\n\tdefault_bind unix/{Front}", StringComparison.Ordinal).Replace("/var/log/caddy/", $"{_folder}/", StringComparison.Ordinal);
        var path = Path.Combine(_folder, "Caddyfile");
        await File.WriteAllTextAsync(path, caddyfile);
        var start = new ProcessStartInfo("bash", ["-c", "exec \"$@\" >\"$0\" 2>&1", Path.Combine(_folder, "caddy.log"), Wopr.Tests.Support.Tool.Find(Tool)!, "run", "--adapter", "caddyfile", "--config", path]);
        foreach (var name in new[] { "XDG_DATA_HOME", "XDG_CONFIG_HOME" }) start.Environment[name] = _folder;
        _caddy = Process.Start(start)!;
        _client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectCallback = async (_, cancellation) => new NetworkStream(await ConnectAsync(cancellation), ownsSocket: true) });
        await UntilUpAsync();
    }

    /// <param name="target">Sent as it stands, dots and percent signs too.</param>
    public async Task<HttpResponseMessage> GetAsync(string host, string target, string? cookie = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"http://{host}{target}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        if (cookie is not null) request.Headers.Add("Cookie", cookie);
        foreach (var (name, value) in headers) request.Headers.Add(name, value);
        return await _client!.SendAsync(request);
    }

    public async Task DisposeAsync()
    {
        if (_caddy is not null)
        {
            _caddy.Kill(entireProcessTree: true);
            await _caddy.WaitForExitAsync();
            _caddy.Dispose();
        }

        _client?.Dispose();
        if (_containers is not null) await _containers.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task StartContainersAsync(IEnumerable<string> sockets)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            foreach (var socket in sockets) kestrel.ListenUnixSocket(socket);
        });
        _containers = builder.Build();
        _containers.Run(AnswerAsync);
        await _containers.StartAsync();
    }

    private static Task AnswerAsync(HttpContext context)
    {
        var socket = context.Features.GetRequiredFeature<IConnectionSocketFeature>().Socket.LocalEndPoint!.ToString()!;
        var container = Path.GetFileName(socket).Split('.')[0];
        if (context.Request.Path == "/outpost.goauthentik.io/auth/caddy")
        {
            if (context.Request.Headers.Cookie == Session) context.Response.Headers["X-Authentik-Username"] = "alice";
            else context.Response.Redirect("https://sign-in.invalid/");
            return Task.CompletedTask;
        }

        var told = context.Request.Headers.Where(h => h.Key.StartsWith("X-Authentik-", StringComparison.OrdinalIgnoreCase)).Select(h => $" {h.Key}={h.Value}");
        return context.Response.WriteAsync(container + string.Concat(told));
    }

    private async Task<Socket> ConnectAsync(CancellationToken cancellation)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(Front), cancellation);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private Task UntilUpAsync()
    {
        string Log() => $"Caddy does not come up: {File.ReadAllText(Path.Combine(_folder, "caddy.log"))}";
        return Patience.UntilAsync(
            async () =>
            {
                if (_caddy!.HasExited) throw new InvalidOperationException(Log());
                try
                {
                    (await ConnectAsync(CancellationToken.None)).Dispose();
                    return true;
                }
                catch (SocketException)
                {
                    // Not up yet.
                    return false;
                }
            },
            Log);
    }

    private string SocketOf(Match container) => Path.Combine(_folder, container.Groups[1].Value.Replace(':', '.'));

    [GeneratedRegex(@"(?:\w+://)?(wopr-[a-z0-9-]+:\d+)")]
    private static partial Regex Container();

    [GeneratedRegex(@"^([a-z0-9.-]+\.[a-z]+) \{$", RegexOptions.Multiline)]
    private static partial Regex Site();
}
