using System.Net.Http.Json;
using System.Text.Json;

namespace Wopr.Integration.Tests.Stack;

/// <summary>What the emulated providers have in their books: the truth that promises are held against.</summary>
public sealed class SandboxBooks(Uri hetzner, Uri cloudflare) : IDisposable
{
    private const string Token = "sandbox-cloudflare-token-0000000000000000";

    private readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(60) };

    public async Task<IReadOnlyList<JsonElement>> ServersAsync() => List(await BooksAsync(), "hetzner", "servers");

    public async Task<IReadOnlyList<JsonElement>> ServersOfAsync(Guid job) =>
        [.. (await ServersAsync()).Where(s => s.GetProperty("labels").TryGetProperty("wopr-job", out var label) && label.GetString() == job.ToString())];

    public async Task<IReadOnlyList<JsonElement>> PrimaryIpsAsync() => List(await BooksAsync(), "hetzner", "primary_ips");

    public async Task<IReadOnlyList<JsonElement>> FirewallsAsync() => List(await BooksAsync(), "hetzner", "firewalls");

    /// <summary>Records that carry a comment of WOPR's; a zone may hold others.</summary>
    public async Task<IReadOnlyList<JsonElement>> OurRecordsAsync() =>
        [.. (await RecordsAsync()).Where(r => r.GetProperty("comment") is { ValueKind: JsonValueKind.String } comment && comment.GetString()!.StartsWith("wopr job=", StringComparison.Ordinal))];

    public async Task<IReadOnlyList<JsonElement>> RecordsOfAsync(Guid job) =>
        [.. (await OurRecordsAsync()).Where(r => r.GetProperty("comment").GetString() == $"wopr job={job}")];

    public async Task<IReadOnlyList<JsonElement>> RecordsAsync() => List(await BooksAsync(), "cloudflare", "records");

    public async Task MisbehaveAsync(params object[] rules)
    {
        using var response = await http.PostAsJsonAsync(new Uri(hetzner, "/_sandbox/misbehave"), rules);
        response.IsSuccessStatusCode.ShouldBeTrue(await response.Content.ReadAsStringAsync());
    }

    public async Task BehaveAsync()
    {
        using var response = await http.DeleteAsync(new Uri(hetzner, "/_sandbox/misbehave"));
        response.EnsureSuccessStatusCode();
    }

    /// <summary>Empty books, as new.</summary>
    public async Task ResetAsync()
    {
        using var response = await http.PostAsync(new Uri(hetzner, "/_sandbox/reset"), null);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>Every call that the emulators have answered since their start.</summary>
    public async Task<IReadOnlyList<CallCount>> CallsAsync() => (await GetAsync("calls")).GetProperty("calls").Deserialize<List<CallCount>>(JsonSerializerOptions.Web)!;

    /// <summary>Something of somebody else's at Hetzner.</summary>
    public Task CreateAsync(string path, object body) => SendAsync(HttpMethod.Post, new Uri(hetzner, path), "sandbox-hetzner", body);

    /// <summary>A record of somebody else's at Cloudflare.</summary>
    public Task CreateRecordAsync(object body) => InTheZoneAsync(HttpMethod.Post, "/dns_records", body);

    /// <summary>What somebody does in the provider's own console.</summary>
    public Task<JsonElement> AtHetznerAsync(HttpMethod method, string path, object? body = null) => SendAsync(method, new Uri(hetzner, "/v1" + path), "sandbox-hetzner", body);

    /// <summary>The names of the servers that a token sees.</summary>
    public async Task<IReadOnlyList<string>> ServersSeenWithAsync(string token) =>
        [.. (await SendAsync(HttpMethod.Get, new Uri(hetzner, "/v1/servers?per_page=50"), token, null)).GetProperty("servers").EnumerateArray().Select(s => s.GetProperty("name").GetString()!.Split('.')[0]).Order(StringComparer.Ordinal)];

    /// <summary>The same in the zone: <paramref name="path"/> is below <c>/zones/ID</c>.</summary>
    public async Task<JsonElement> InTheZoneAsync(HttpMethod method, string path, object? body = null)
    {
        var zones = List(await BooksAsync(), "cloudflare", "zones");
        return await SendAsync(method, new Uri(cloudflare, $"/client/v4/zones/{zones[0].GetProperty("id").GetString()}{path}"), Token, body);
    }

    /// <summary>Everything at once, and never touched by misbehaviour, as the providers' own API is.</summary>
    public Task<JsonElement> BooksAsync() => GetAsync("books");

    public void Dispose() => http.Dispose();

    private async Task<JsonElement> GetAsync(string what)
    {
        using var response = await http.GetAsync(new Uri(hetzner, $"/_sandbox/{what}"));
        var text = await response.Content.ReadAsStringAsync();
        response.IsSuccessStatusCode.ShouldBeTrue(text);
        return JsonSerializer.Deserialize<JsonElement>(text);
    }

    private async Task<JsonElement> SendAsync(HttpMethod method, Uri url, string token, object? body)
    {
        using var request = new HttpRequestMessage(method, url) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Add("Authorization", $"Bearer {token}");
        using var response = await http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        response.IsSuccessStatusCode.ShouldBeTrue($"{method} {url}: {text}");
        return text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text);
    }

    private static List<JsonElement> List(JsonElement books, string provider, string name) => [.. books.GetProperty(provider).GetProperty(name).EnumerateArray()];
}
