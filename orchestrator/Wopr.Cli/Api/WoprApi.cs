using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;

namespace Wopr.Cli.Api;

/// <summary>The service's API. Its operations and their types are made from the API's own document.</summary>
/// <param name="operatorKey">Sent with every request when there is one.</param>
/// <param name="unusable">Why nothing can be asked; then nothing is sent.</param>
internal sealed partial class WoprApi(Uri service, string? operatorKey, Refusal? unusable = null) : IDisposable
{
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private readonly HttpClient http = new() { BaseAddress = service, Timeout = TimeSpan.FromSeconds(15) };

    public Uri Service => service;

    public bool IsOperator => operatorKey is not null;

    public void Dispose() => http.Dispose();

    private const string SignInRefused = "AUTH-002";

    /// <summary>The service names the header that is missing; people here set a variable.</summary>
    private string WhoAsks => IsOperator ? "the service does not know this operator's key, or no longer" : "this is for operators: set WOPR_OPERATOR_KEY";

    private async Task<Answer<T>> SendAsync<T>(
        HttpMethod method, string path, IReadOnlyList<(string Name, object? Value)> query, IReadOnlyList<(string Name, string? Value)> headers, object? body, CancellationToken cancellation)
    {
        if (unusable is not null) return Answer<T>.Refused(unusable);
        try
        {
            using var request = new HttpRequestMessage(method, path + Query(query)) { Content = body is null ? null : JsonContent.Create(body, body.GetType(), options: Json) };
            if (operatorKey is not null) request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {operatorKey}");
            foreach (var (name, value) in headers.Where(h => h.Value is not null)) request.Headers.TryAddWithoutValidation(name, value);
            using var response = await http.SendAsync(request, cancellation);
            var text = await response.Content.ReadAsStringAsync(cancellation);
            return response.IsSuccessStatusCode ? Read<T>(response.StatusCode, text) : Answer<T>.Refused(ProblemOf(response.StatusCode, response.Content.Headers.ContentType?.MediaType, text));
        }
        catch (Exception error) when (error is HttpRequestException or SocketException)
        {
            return Answer<T>.Refused(Refusals.Unreachable($"{http.BaseAddress} cannot be reached: {error.Message}"));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return Answer<T>.Refused(Refusals.Unreachable($"{http.BaseAddress} does not answer"));
        }
    }

    private Answer<T> Read<T>(HttpStatusCode status, string text)
    {
        try
        {
            return new(JsonSerializer.Deserialize<T>(text, Json), JsonSerializer.Deserialize<JsonElement>(text), null);
        }
        catch (JsonException error)
        {
            return Answer<T>.Refused(Refusals.Unreachable($"what answers at {http.BaseAddress} is not WOPR, or another version of it: {error.Message}") with { Status = status });
        }
    }

    private Refusal ProblemOf(HttpStatusCode status, string? type, string text)
    {
        var other = Refusals.Unreachable($"what answers at {http.BaseAddress} is not WOPR, or another version of it: it said {(int)status}") with { Status = status };
        if (type != "application/problem+json") return other;
        try
        {
            var problem = JsonSerializer.Deserialize<JsonElement>(text);
            string? Text(string name) => problem.TryGetProperty(name, out var value) ? value.GetString() : null;
            return new(Text("code"), Text("title"), Text("code") == SignInRefused ? WhoAsks : Text("detail") ?? "", status);
        }
        catch (JsonException)
        {
            return other;
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
