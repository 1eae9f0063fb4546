using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Wopr.Sandbox.Boot;

/// <summary>
/// Boots a server as a real Debian with real systemd, cloud-init and Podman: <c>deploy/lab</c> does the work, in network
/// namespaces without a way out. Each part is a process that lives as long as its standard input is open, so that nothing
/// outlives the sandbox. Disks do.
/// </summary>
public sealed class LabDriver : IMachineDriver, IBeaconFace, IDisposable
{
    private static readonly TimeSpan PowerOffPatience = TimeSpan.FromSeconds(20);

    private readonly LabOptions _options;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<long, Process> _servers = new();
    private readonly Lazy<LabInternet> _internet;

    public LabDriver(LabOptions options, ILogger<LabDriver> logger)
    {
        (_options, _logger) = (options, logger);
        _internet = new Lazy<LabInternet>(() => LabInternet.Start(options));
    }

    /// <summary>One line on what is missing for this driver, or null.</summary>
    public static string? WhyNot(LabOptions options)
    {
        if (!File.Exists(options.Command)) return $"WOPR_SANDBOX_LAB: there is no {options.Command}";
        using var check = Process.Start(new ProcessStartInfo(options.Command, ["check"]) { UseShellExecute = false, RedirectStandardOutput = true })!;
        var reason = check.StandardOutput.ReadToEnd().Trim();
        check.WaitForExit();
        return check.ExitCode == 0 ? null : reason;
    }

    public void Start(Machine machine)
    {
        var id = machine.ServerId.ToString(CultureInfo.InvariantCulture);
        var folder = Path.Combine(_options.Folder, id);
        Directory.CreateDirectory(folder);
        var userData = Path.Combine(folder, "user-data");
        var create = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        // It holds the callback token.
        if (!OperatingSystem.IsWindows()) create.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var writer = new StreamWriter(userData, create))
            writer.Write(machine.UserData);

        _internet.Value.UntilReady();
        var server = LabProcess.Start(Path.Combine(folder, "lab.log"), _options.Command, "server", _options.Folder, id, machine.Name, machine.Ipv4, machine.Ipv6);
        _servers[machine.ServerId] = server;
        BootLog.Started(_logger, machine.ServerId, server.Id);
    }

    public void Stop(long serverId)
    {
        if (_servers.TryRemove(serverId, out var server)) LabProcess.End(server, PowerOffPatience);
    }

    public void Destroy(long serverId)
    {
        Stop(serverId);
        var folder = Path.Combine(_options.Folder, serverId.ToString(CultureInfo.InvariantCulture));
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }

    /// <summary>
    /// Asks the server's Caddy by https. A <c>.localhost</c> name gets no public certificate, so Caddy makes its own;
    /// it must bear the right name all the same.
    /// </summary>
    public async Task<BeaconAnswer?> AnswerAsync(long serverId, string host, string path, CancellationToken cancellation)
    {
        if (!_servers.ContainsKey(serverId)) return null;
        using var client = new HttpClient(Handler(_internet.Value.SocketOf(serverId))) { Timeout = TimeSpan.FromSeconds(10) };
        try
        {
            using var answer = await client.GetAsync(new Uri($"https://{host}{path}"), cancellation);
            return new BeaconAnswer(
                (int)answer.StatusCode,
                answer.Content.Headers.ContentType?.ToString() ?? "text/plain",
                await answer.Content.ReadAsStringAsync(cancellation),
                answer.Headers.Location?.ToString());
        }
        catch (Exception error) when (error is HttpRequestException or SocketException || (error is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            BootLog.NoAnswer(_logger, serverId, host, error.Message);
            return null;
        }
    }

    /// <summary>All servers lose their power; their disks stay.</summary>
    public void Dispose()
    {
        Parallel.ForEach(_servers.Keys, Stop);
        if (_internet.IsValueCreated) _internet.Value.Dispose();
    }

    private static SocketsHttpHandler Handler(string socketPath) => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        SslOptions = new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = (_, _, _, errors) => errors is SslPolicyErrors.None or SslPolicyErrors.RemoteCertificateChainErrors,
        },
        ConnectCallback = async (_, cancellation) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    };
}
