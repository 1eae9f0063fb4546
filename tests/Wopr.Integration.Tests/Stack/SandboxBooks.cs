using System.Net.Http.Json;
using System.Text.Json;

namespace Wopr.Integration.Tests.Stack;

/// <summary>What the emulated providers have in their books: the truth that promises are held against.</summary>
public sealed class SandboxBooks(Uri hetzner, Uri cloudflare) : IDisposable
{
    private readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(20) };

    public Task<IReadOnlyList<JsonElement>> ServersAsync(string? labels = null) => PagesAsync("servers", labels is null ? "" : $"&label_selector={Uri.EscapeDataString(labels)}");

    public Task<IReadOnlyList<JsonElement>> PrimaryIpsAsync() => PagesAsync("primary_ips", "");

    public Task<IReadOnlyList<JsonElement>> FirewallsAsync() => PagesAsync("firewalls", "");

    /// <summary>Records that carry a comment of WOPR's; a zone may hold others.</summary>
    public async Task<IReadOnlyList<JsonElement>> OurRecordsAsync() =>
        [.. (await RecordsAsync()).Where(r => r.GetProperty("comment") is { ValueKind: JsonValueKind.String } comment && comment.GetString()!.StartsWith("wopr job=", StringComparison.Ordinal))];

    public async Task<IReadOnlyList<JsonElement>> RecordsOfAsync(Guid job) =>
        [.. (await OurRecordsAsync()).Where(r => r.GetProperty("comment").GetString() == $"wopr job={job}")];

    public async Task<IReadOnlyList<JsonElement>> RecordsAsync()
    {
        var zones = List(await GetAsync(cloudflare, "/client/v4/zones", Token), "result");
        return List(await GetAsync(cloudflare, $"/client/v4/zones/{zones[0].GetProperty("id").GetString()}/dns_records?per_page=5000", Token), "result");
    }

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

    /// <summary>Every call that the emulators have answered since their start.</summary>
    public async Task<IReadOnlyList<CallCount>> CallsAsync() =>
        (await GetAsync(hetzner, "/_sandbox/calls", "")).GetProperty("calls").Deserialize<List<CallCount>>(JsonSerializerOptions.Web)!;

    /// <summary>Something of somebody else's at Hetzner.</summary>
    public Task CreateAsync(string path, object body) => SendAsync(HttpMethod.Post, new Uri(hetzner, path), "sandbox-hetzner", body);

    /// <summary>A record of somebody else's at Cloudflare.</summary>
    public Task CreateRecordAsync(object body) => InTheZoneAsync(HttpMethod.Post, "/dns_records", body);

    /// <summary>What somebody does in the provider's own console.</summary>
    public Task<JsonElement> AtHetznerAsync(HttpMethod method, string path, object? body = null) => SendAsync(method, new Uri(hetzner, "/v1" + path), "sandbox-hetzner", body);

    /// <summary>The same in the zone: <paramref name="path"/> is below <c>/zones/ID</c>.</summary>
    public async Task<JsonElement> InTheZoneAsync(HttpMethod method, string path, object? body = null)
    {
        var zones = List(await GetAsync(cloudflare, "/client/v4/zones", Token), "result");
        return await SendAsync(method, new Uri(cloudflare, $"/client/v4/zones/{zones[0].GetProperty("id").GetString()}{path}"), Token, body);
    }

    public Task<JsonElement> BooksAsync() => GetAsync(hetzner, "/_sandbox/books", "");

    public void Dispose() => http.Dispose();

    private const string Token = "sandbox-cloudflare-token-0000000000000000";

    private async Task<IReadOnlyList<JsonElement>> PagesAsync(string name, string query)
    {
        var all = new List<JsonElement>();
        for (int? page = 1; page is not null;)
        {
            var body = await GetAsync(hetzner, $"/v1/{name}?per_page=50&page={page}{query}", "sandbox-hetzner");
            all.AddRange(List(body, name));
            page = body.GetProperty("meta").GetProperty("pagination").GetProperty("next_page") is { ValueKind: JsonValueKind.Number } next ? next.GetInt32() : null;
        }
        return all;
    }

    private async Task<JsonElement> GetAsync(Uri provider, string path, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(provider, path));
        if (token.Length > 0) request.Headers.Add("Authorization", $"Bearer {token}");
        using var response = await http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        response.IsSuccessStatusCode.ShouldBeTrue($"{path}: {text}");
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

    private static List<JsonElement> List(JsonElement body, string name) => [.. body.GetProperty(name).EnumerateArray()];
}
