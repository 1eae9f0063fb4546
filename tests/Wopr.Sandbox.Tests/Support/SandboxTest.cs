using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Wopr.Sandbox.Boot;
using Wopr.Sandbox.Tests.Specs;
using Wopr.Sandbox.Wire;

namespace Wopr.Sandbox.Tests.Support;

/// <summary>
/// A sandbox of its own for each test: real sockets on free ports, a clock that the test moves, machines that only write
/// down what is asked of them. Every answer is held to the provider's OpenAPI document where that is at hand.
/// </summary>
public abstract class SandboxTest : IAsyncLifetime
{
    public const string HetznerToken = "test-project";
    public const string CloudflareToken = "test-token-00000000000000000000000000000000";
    public const string Zone = "beacons.test";

    private readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(60) };
    private WebApplication? app;

    protected ManualTime Time { get; } = new();

    protected RecordingDriver Machines { get; private set; } = new();

    protected string Folder { get; } = Directory.CreateTempSubdirectory("wopr-sandbox-").FullName;

    protected string ZoneId { get; } = new Wopr.Sandbox.Cloudflare.Zone(Zone).Id;

    protected T Service<T>()
        where T : notnull => app!.Services.GetRequiredService<T>();

    protected Uri AddressOf(Face face) => SandboxHost.AddressOf(app!, face);

    public virtual Task InitializeAsync() => StartAsync();

    public async Task DisposeAsync()
    {
        await StopAsync();
        http.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>A new process over the same books, as after a crash.</summary>
    protected async Task RestartAsync()
    {
        await StopAsync();
        Machines = new RecordingDriver();
        await StartAsync();
    }

    protected Task<Reply> Hetzner(string method, string path, object? body = null, string? token = HetznerToken) =>
        SendAsync(Face.Hetzner, "/v1", method, path, body, token);

    protected Task<Reply> Cloudflare(string method, string path, object? body = null, string? token = CloudflareToken) =>
        SendAsync(Face.Cloudflare, "/client/v4", method, path, body, token);

    protected Task<Reply> Dns(string method, string path = "", object? body = null) =>
        Cloudflare(method, $"/zones/{ZoneId}/dns_records{path}", body);

    protected async Task<JsonNode> Admin(string method, string path, object? body = null) =>
        (await SendAsync(Face.Hetzner, "/_sandbox", method, path, body, token: null)).ShouldBe(200).Body;

    protected Task Misbehave(params object[] rules) => Admin("POST", "/misbehave", rules);

    protected void Advance(double seconds) => Time.Advance(TimeSpan.FromSeconds(seconds));

    /// <summary>An order for a server that can be carried out, with some fields changed.</summary>
    protected static JsonObject Order(string name, object? changes = null)
    {
        var order = new JsonObject
        {
            ["name"] = name,
            ["server_type"] = "cx23",
            ["image"] = "debian-13",
            ["location"] = "fsn1",
            ["user_data"] = "#cloud-config\n",
        };
        foreach (var (field, value) in changes is null ? [] : JsonSerializer.SerializeToNode(changes)!.AsObject())
        {
            order[field] = value?.DeepClone();
        }

        return order;
    }

    /// <summary>A server that runs.</summary>
    protected async Task<JsonNode> RunningServer(string name, object? changes = null)
    {
        var server = (await Hetzner("POST", "/servers", Order(name, changes))).ShouldBe(201).Body["server"]!;
        Advance(2);
        return server;
    }

    protected static long Id(JsonNode node) => node["id"]!.GetValue<long>();

    protected async Task<Reply> SendAsync(Face face, string root, string method, string path, object? body, string? token)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(AddressOf(face), root + path));
        if (token is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        }

        if (body is not null)
        {
            request.Content = new StringContent(body as string ?? JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        }

        using var response = await http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        if (response.Content.Headers.ContentType?.MediaType == "application/json" && face != Face.Gate && root != "/_sandbox")
        {
            OpenApiDocument.For(face)?.Check(method, path.Split('?')[0], (int)response.StatusCode, text);
        }

        return new Reply((int)response.StatusCode, text, response.Headers);
    }

    protected virtual SandboxSettings Settings() => new(
        Folder, Free, Free, Free, Zone, Pace: 1, BootDriver.None, [HetznerToken, "other-project"], CloudflareToken);

    private static Uri Free => new("http://127.0.0.1:0");

    private async Task StopAsync()
    {
        await app!.StopAsync();
        await app.DisposeAsync();
    }

    private async Task StartAsync()
    {
        app = SandboxHost.Build(Settings(), _ => Machines, Time, new Random(1));
        await app.StartAsync();
    }

    protected static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
