using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Wopr.Cli;

/// <summary>The service's public API, as far as the command line uses it.</summary>
internal sealed class WoprClient(Uri service) : IDisposable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private readonly HttpClient http = new() { BaseAddress = service, Timeout = TimeSpan.FromSeconds(15) };

    /// <summary>Places the order; at the checkout, or as an operator when a key is given.</summary>
    public async Task<Answer<Placed>> OrderAsync(OrderRequest order, string? idempotencyKey, string? operatorKey, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, operatorKey is null ? "/api/checkout" : "/api/provision") { Content = JsonContent.Create(order, options: Json) };
        if (idempotencyKey is not null) request.Headers.Add("Idempotency-Key", idempotencyKey);
        if (operatorKey is not null) request.Headers.Add("Authorization", $"Bearer {operatorKey}");
        return await SendAsync<Placed>(request, cancellation);
    }

    public async Task<Answer<Status>> StatusAsync(string job, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/provision/{Uri.EscapeDataString(job)}/status");
        return await SendAsync<Status>(request, cancellation);
    }

    private async Task<Answer<T>> SendAsync<T>(HttpRequestMessage request, CancellationToken cancellation) where T : class
    {
        try
        {
            using var response = await http.SendAsync(request, cancellation);
            if (response.IsSuccessStatusCode) return new(await response.Content.ReadFromJsonAsync<T>(Json, cancellation), null);
            var problem = response.Content.Headers.ContentType?.MediaType == "application/problem+json" ? await response.Content.ReadFromJsonAsync<Problem>(Json, cancellation) : null;
            return new(null, problem ?? new Problem("", "", $"the service answered {(int)response.StatusCode}", response.StatusCode));
        }
        catch (HttpRequestException error)
        {
            return new(null, new Problem("", "", $"{http.BaseAddress} cannot be reached: {error.Message}", null));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new(null, new Problem("", "", $"{http.BaseAddress} does not answer", null));
        }
        catch (JsonException error)
        {
            return new(null, new Problem("", "", $"the service's answer is not understood: {error.Message}", HttpStatusCode.OK));
        }
    }

    public void Dispose() => http.Dispose();
}

internal sealed record Answer<T>(T? Value, Problem? Problem) where T : class;

/// <param name="Status">Null when no answer came at all.</param>
internal sealed record Problem(string Code, string Title, string Detail, HttpStatusCode? Status)
{
    public override string ToString() => Code.Length == 0 ? Detail : $"{Code} {Title}: {Detail}";
}

internal sealed record OrderRequest(string Bundle, int Tier, string BeaconName, string Email, string? Location);

internal sealed record Placed(string JobId, bool Repeated, string SetupUrl);

internal sealed record Status(
    string JobId, string State, string? Stage, int Progress, string? Module, BeaconStatus Beacon, int ElapsedSeconds,
    SubstitutionStatus? Substitution, ErrorStatus? Error, IReadOnlyList<AppStatus> Apps, IReadOnlyList<TimelineEntry> Timeline)
{
    public bool IsReady => State == "completed";

    public bool HasFailed => State is "failed" or "rolling_back" or "rolled_back" or "cancelled";
}

internal sealed record BeaconStatus(string Name, string Fqdn, string? Address, string Url);

internal sealed record SubstitutionStatus(string Message);

internal sealed record ErrorStatus(string Code, string Title, string WhatHappened, string WhatWeDo, string WhatYouCanDo);

internal sealed record AppStatus(string Id, string Name, string Summary, string Url);

internal sealed record TimelineEntry(int Seq, DateTimeOffset At, string Kind, string? State, string? Stage, string? Module, int? Progress, string? Message, string? Code);
