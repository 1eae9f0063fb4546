using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Wopr.Cli.Api;

/// <summary>The service's API. Its operations and their types are made from the API's own document.</summary>
/// <param name="operatorKey">Sent with every request when there is one.</param>
internal sealed partial class WoprApi(Uri service, string? operatorKey) : IDisposable
{
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private readonly HttpClient http = new() { BaseAddress = service, Timeout = TimeSpan.FromSeconds(15) };

    public Uri Service => service;

    public bool IsOperator => operatorKey is not null;

    public void Dispose() => http.Dispose();

    private async Task<Answer<T>> SendAsync<T>(
        HttpMethod method, string path, IReadOnlyList<(string Name, object? Value)> query, IReadOnlyList<(string Name, string? Value)> headers, object? body, CancellationToken cancellation)
    {
        try
        {
            using var request = new HttpRequestMessage(method, path + Query(query)) { Content = body is null ? null : JsonContent.Create(body, body.GetType(), options: Json) };
            if (operatorKey is not null) request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {operatorKey}");
            foreach (var (name, value) in headers.Where(h => h.Value is not null)) request.Headers.TryAddWithoutValidation(name, value);
            using var response = await http.SendAsync(request, cancellation);
            var text = await response.Content.ReadAsStringAsync(cancellation);
            return response.IsSuccessStatusCode ? Read<T>(response.StatusCode, text) : Answer<T>.Refused(ProblemOf(response.StatusCode, response.Content.Headers.ContentType?.MediaType, text));
        }
        catch (HttpRequestException error)
        {
            return Answer<T>.Refused(new(null, null, $"{http.BaseAddress} cannot be reached: {error.Message}", null));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return Answer<T>.Refused(new(null, null, $"{http.BaseAddress} does not answer", null));
        }
    }

    private static Answer<T> Read<T>(HttpStatusCode status, string text)
    {
        try
        {
            return new(JsonSerializer.Deserialize<T>(text, Json), JsonSerializer.Deserialize<JsonElement>(text), null);
        }
        catch (JsonException error)
        {
            return Answer<T>.Refused(new(null, null, $"the service's answer is not understood: {error.Message}", status));
        }
    }

    private static Refusal ProblemOf(HttpStatusCode status, string? type, string text)
    {
        if (type != "application/problem+json") return new(null, null, $"the service answered {(int)status}", status);
        try
        {
            var problem = JsonSerializer.Deserialize<JsonElement>(text);
            string? Text(string name) => problem.TryGetProperty(name, out var value) ? value.GetString() : null;
            return new(Text("code"), Text("title"), Text("detail") ?? "", status);
        }
        catch (JsonException)
        {
            return new(null, null, $"the service answered {(int)status}", status);
        }
    }

    private static string Query(IReadOnlyList<(string Name, object? Value)> query)
    {
        var parts = query.Where(q => q.Value is not null).Select(q => $"{q.Name}={Escape(Convert.ToString(q.Value, CultureInfo.InvariantCulture)!)}").ToList();
        return parts.Count == 0 ? "" : "?" + string.Join('&', parts);
    }

    private static string Escape(object value) => Uri.EscapeDataString(Convert.ToString(value, CultureInfo.InvariantCulture)!);
}

/// <summary>What the service answered: a value, or why there is none.</summary>
/// <param name="Raw">The answer as it came, for <c>--json</c>.</param>
internal sealed record Answer<T>(T? Value, JsonElement Raw, Refusal? Refusal)
{
    public static Answer<T> Refused(Refusal refusal) => new(default, default, refusal);
}

/// <param name="Status">Null when no answer came at all.</param>
internal sealed record Refusal(string? Code, string? Title, string Detail, HttpStatusCode? Status)
{
    public override string ToString() => Code is null ? Detail : $"{Code} {Title}: {Detail}";
}
