using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Wopr.Tests.Support;

namespace Wopr.Integration.Tests.Stack;

/// <summary>
/// A whole WOPR as deploy/up starts it, with a database and books of its own: the sandbox and the service as processes
/// that talk over loopback.
/// </summary>
public sealed class WoprStack : IAsyncDisposable
{
    public const string OperatorKey = "operator-key-of-the-tests-0123456789";

    private static readonly TimeSpan StartPatience = TimeSpan.FromMinutes(2);

    private readonly TestDatabase? database;
    private readonly List<WoprNode> nodes = [];
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("wopr-stack-");
    private readonly Dictionary<string, string> environment;
    private readonly int port;

    private WoprStack(TestDatabase? own, string connectionString, string boot, string pace, IReadOnlyDictionary<string, string>? more)
    {
        database = own;
        int[] ports = [FreePorts.Take(), FreePorts.Take(), FreePorts.Take(), FreePorts.Take()];
        port = ports[0];
        // The machines' scripts run as an unprivileged user, who must be able to enter their folder.
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(folder.FullName, (UnixFileMode)0b111_101_101);
        environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["WOPR_PORT"] = $"{port}",
            ["WOPR_DATABASE"] = connectionString,
            ["WOPR_DATA"] = Path.Combine(folder.FullName, "data"),
            ["WOPR_OPERATOR_KEY"] = OperatorKey,
            ["WOPR_SANDBOX_HETZNER_URL"] = $"http://127.0.0.1:{ports[1]}",
            ["WOPR_SANDBOX_CLOUDFLARE_URL"] = $"http://127.0.0.1:{ports[2]}",
            ["WOPR_SANDBOX_GATE_URL"] = $"http://127.0.0.1:{ports[3]}",
            ["WOPR_SANDBOX_DIR"] = Path.Combine(folder.FullName, "sandbox"),
            ["WOPR_SANDBOX_MACHINES"] = Path.Combine(folder.FullName, "machines"),
            ["WOPR_SANDBOX_BOOT"] = boot,
            ["WOPR_SANDBOX_PACE"] = pace,
        };
        foreach (var (name, value) in more ?? new Dictionary<string, string>()) environment[name] = value;
        Directory.CreateDirectory(environment["WOPR_SANDBOX_DIR"]);
        Directory.CreateDirectory(environment["WOPR_SANDBOX_MACHINES"]);
        Http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromSeconds(60) };
        Sandbox = new SandboxBooks(new Uri(environment["WOPR_SANDBOX_HETZNER_URL"]), new Uri(environment["WOPR_SANDBOX_CLOUDFLARE_URL"]));
    }

    /// <summary>How long a test waits for a state.</summary>
    public TimeSpan JobPatience { get; set; } = TimeSpan.FromMinutes(2);

    public HttpClient Http { get; }

    public SandboxBooks Sandbox { get; }

    public ChildProcess? Service { get; private set; }

    public ChildProcess? Clouds { get; private set; }

    public string DataFolder => environment["WOPR_DATA"];

    public string SandboxFolder => environment["WOPR_SANDBOX_DIR"];

    public string MachinesFolder => environment["WOPR_SANDBOX_MACHINES"];

    public string ConnectionString => environment["WOPR_DATABASE"];

    public Uri HetznerUrl => new(environment["WOPR_SANDBOX_HETZNER_URL"]);

    public Uri CloudflareUrl => new(environment["WOPR_SANDBOX_CLOUDFLARE_URL"]);

    public Uri Gate => new(environment["WOPR_SANDBOX_GATE_URL"]);

    /// <param name="boot">The sandbox's boot driver: <c>script</c>, <c>callback</c> or <c>none</c>.</param>
    /// <param name="connectionString">Another database than a new one on the tests' server.</param>
    public static async Task<WoprStack> StartAsync(
        string boot = "callback", string pace = "0", IReadOnlyDictionary<string, string>? environment = null, string? connectionString = null, string connectionSuffix = "")
    {
        var stack = await StartCloudsOnlyAsync(boot, pace, environment, connectionString, connectionSuffix);
        await stack.StartServiceAsync();
        return stack;
    }

    /// <summary>Without a service: for tests that start nodes, or nothing.</summary>
    public static async Task<WoprStack> StartCloudsOnlyAsync(
        string boot = "callback", string pace = "0", IReadOnlyDictionary<string, string>? environment = null, string? connectionString = null, string connectionSuffix = "")
    {
        var own = connectionString is null ? await TestDatabase.CreateAsync() : null;
        var stack = new WoprStack(own, (connectionString ?? own!.ConnectionString) + connectionSuffix, boot, pace, environment);
        await stack.StartCloudsAsync();
        return stack;
    }

    /// <summary>Several services on the one database, each with a port of its own. They end with the stack.</summary>
    /// <param name="program">Another build of the service than this checkout's.</param>
    public async Task<IReadOnlyList<WoprNode>> StartNodesAsync(int count, string? program = null)
    {
        var started = Enumerable.Range(0, count).Select(_ => FreePorts.Take())
            .Select(p => new WoprNode(new Dictionary<string, string>(environment, StringComparer.Ordinal) { ["WOPR_PORT"] = $"{p}" }, p, program)).ToList();
        nodes.AddRange(started);
        await Task.WhenAll(started.Select(node => node.StartAsync()));
        return started;
    }

    public async Task StartCloudsAsync()
    {
        Clouds = ChildProcess.Start("Wopr.Sandbox", environment);
        await AnswersAsync(new Uri(new Uri(environment["WOPR_SANDBOX_HETZNER_URL"]), "/_sandbox/health"), Clouds);
    }

    /// <summary>As a supervisor does: starts it again and does not wait whether it comes up.</summary>
    /// <param name="program">Another build of the service than this checkout's.</param>
    public void LaunchService(string? program = null)
    {
        Service?.Dispose();
        Service = program is null ? ChildProcess.Start("Wopr.Orchestrator", environment) : ChildProcess.StartProgram(program, environment);
    }

    public async Task StartServiceAsync()
    {
        Service = ChildProcess.Start("Wopr.Orchestrator", environment);
        await AnswersAsync(new Uri(Http.BaseAddress!, "/api/health"), Service);
    }

    /// <summary>One more node of the service on the same database, at a port of its own.</summary>
    public async Task<ServiceNode> StartNodeAsync(IReadOnlyDictionary<string, string>? more = null)
    {
        var address = new Uri($"http://127.0.0.1:{FreePorts.Take()}");
        var own = new Dictionary<string, string>(environment, StringComparer.Ordinal) { ["WOPR_PORT"] = $"{address.Port}", ["WOPR_PUBLIC_URL"] = Http.BaseAddress!.ToString() };
        foreach (var (name, value) in more ?? new Dictionary<string, string>()) own[name] = value;
        var child = ChildProcess.Start("Wopr.Orchestrator", own);
        await AnswersAsync(new Uri(address, "/api/health"), child);
        return new ServiceNode(child, new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(60) });
    }

    /// <param name="connectionString">Another database than before, or null.</param>
    /// <param name="more">What else is to be set otherwise; empty for what is to be left out.</param>
    public async Task RestartServiceAsync(string? connectionString = null, IReadOnlyDictionary<string, string>? more = null)
    {
        Service!.Dispose();
        foreach (var (name, value) in more ?? new Dictionary<string, string>()) environment[name] = value;
        if (connectionString is not null) environment["WOPR_DATABASE"] = connectionString;
        await StartServiceAsync();
    }

    public Task<HttpResponseMessage> PostOrderAsync(object order, string? idempotencyKey = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/api/checkout") { Content = JsonContent.Create(order) };
        if (idempotencyKey is not null) request.Headers.Add("Idempotency-Key", idempotencyKey);
        return Http.SendAsync(request);
    }

    public async Task<string> OrderAsync(string name)
    {
        using var response = await PostOrderAsync(Orders.Starter(name));
        response.StatusCode.ShouldBe(HttpStatusCode.Accepted, await response.Content.ReadAsStringAsync());
        return (await JsonOf(response)).GetProperty("job_id").GetString()!;
    }

    public async Task<JsonElement> StatusAsync(string job)
    {
        using var response = await Http.GetAsync($"/api/provision/{job}/status");
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        return await JsonOf(response);
    }

    /// <summary>Waits until the job is in one of these states, looking often and never longer than it takes.</summary>
    public async Task<JsonElement> UntilAsync(string job, params string[] states)
    {
        JsonElement status = default;
        await Patience.UntilAsync(
            async () =>
            {
                status = await StatusAsync(job);
                return states.Contains(status.GetProperty("state").GetString());
            },
            () => $"the job hangs: {status}\n{Service?.Output}\n{Clouds?.Output}", JobPatience);
        return status;
    }

    /// <summary>Asks the operators' API with their key.</summary>
    public async Task<JsonElement> OperatorAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "Authorization", $"Bearer {OperatorKey}" } } };
        using var response = await Http.SendAsync(request);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        return await JsonOf(response);
    }

    public async Task<IReadOnlyList<JsonElement>> IncidentsAsync(string query = "") =>
        [.. (await OperatorAsync($"/api/operator/incidents{query}")).GetProperty("incidents").EnumerateArray()];

    /// <summary>Has orphans and the firewall looked at now; <see cref="UntilAsync(Func{Task{bool}}, string)"/> tells when something came of it.</summary>
    public Task SweepAsync() => HaveLookedAtAsync("/api/operator/orphans/sweep");

    /// <summary>The same for finished beacons.</summary>
    public Task CheckBeaconsAsync() => HaveLookedAtAsync("/api/operator/beacons/check");

    /// <summary>Lets work out of quarantine.</summary>
    public async Task ReleaseAsync(string kind, string subject)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/operator/quarantine/{kind}/{subject}/release")
        {
            Headers = { { "Authorization", $"Bearer {OperatorKey}" } },
            Content = JsonContent.Create(new { reason = "its cause is gone" }),
        };
        using var response = await Http.SendAsync(request);
        response.StatusCode.ShouldBe(HttpStatusCode.Accepted, await response.Content.ReadAsStringAsync());
    }

    /// <summary>What stands in the audit log, newest first: <c>cancel done</c>.</summary>
    public async Task<IReadOnlyList<string>> AuditAsync(string query = "") =>
        [.. (await OperatorAsync($"/api/operator/audit{query}")).GetProperty("entries").EnumerateArray().Select(e => $"{e.GetProperty("action").GetString()} {e.GetProperty("outcome").GetString()}")];

    private async Task HaveLookedAtAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Headers = { { "Authorization", $"Bearer {OperatorKey}" } } };
        using var response = await Http.SendAsync(request);
        response.StatusCode.ShouldBe(HttpStatusCode.Accepted);
    }

    public async Task<IReadOnlyList<JsonElement>> OrphansAsync(string query = "") =>
        [.. (await OperatorAsync($"/api/operator/orphans{query}")).GetProperty("orphans").EnumerateArray()];

    /// <summary>Waits until something is so, looking often and never longer than it takes.</summary>
    public Task UntilAsync(Func<Task<bool>> condition, string what) => Patience.UntilAsync(condition, () => $"not so: {what}\n{Service?.Output}", JobPatience);

    public static async Task<JsonElement> JsonOf(HttpResponseMessage response) =>
        JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync());

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        Sandbox.Dispose();
        foreach (var node in nodes) node.Dispose();
        Service?.Dispose();
        Clouds?.Dispose();
        if (database is not null) await database.DisposeAsync();
        folder.Delete(recursive: true);
    }

    internal static async Task AnswersAsync(Uri url, ChildProcess child)
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(2) };
        await Patience.UntilAsync(
            async () =>
            {
                child.HasExited.ShouldBeFalse($"it ended: {child.Output}");
                try
                {
                    using var response = await client.GetAsync(url);
                    return response.IsSuccessStatusCode;
                }
                catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
                {
                    // Not up yet.
                    return false;
                }
            },
            () => $"{url} does not answer: {child.Output}", StartPatience);
    }

    /// <summary>An address on this machine at which nothing listens yet.</summary>
    public static string FreeAddress() => $"http://127.0.0.1:{FreePorts.Take()}";
}

/// <summary>A further node of a stack's service.</summary>
public sealed record ServiceNode(ChildProcess Process, HttpClient Http) : IDisposable
{
    public void Dispose()
    {
        Http.Dispose();
        Process.Dispose();
    }
}
