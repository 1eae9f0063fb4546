using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Wopr.Tests.Support;

namespace Wopr.Sandbox.Tests.Boot;

/// <summary>The service as a beacon sees it: callbacks, the installer, heartbeats and the plan, on a loopback port of its own.</summary>
internal sealed class FakeService : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FakeService(WebApplication app) => _app = app;

    /// <summary>Accepted callbacks, in the order of their arrival.</summary>
    public ConcurrentQueue<Callback> Callbacks { get; } = new();

    /// <summary>What a callback is answered with; 202 records it.</summary>
    public Func<Callback, int> Answer { get; set; } = _ => 202;

    public ReadOnlyMemory<byte> Installer { get; set; }

    /// <summary>Heartbeats, as they came.</summary>
    public ConcurrentQueue<(string Token, byte[] Body)> Heartbeats { get; } = new();

    /// <summary>The key of a browser that waits for the link of the first account, in base64.</summary>
    public string? SignInKey { get; set; }

    /// <summary>What beacons brought for such a browser.</summary>
    public ConcurrentQueue<JsonElement> SignIns { get; } = new();

    /// <summary>What a finished beacon is to consist of, with its ETag; without one it is refused.</summary>
    public (string Text, string Etag)? Plan { get; set; }

    /// <summary>How often the plan was asked for without being known already.</summary>
    public int PlansSent { get; private set; }

    public Uri Url { get; private set; } = null!;

    public static async Task<FakeService> StartAsync(int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        var app = builder.Build();
        var service = new FakeService(app);
        app.MapPost("/api/provision/{id}/callback", service.TakeAsync);
        app.MapGet("/api/installer/{file}", () => Results.Bytes(service.Installer.ToArray(), "application/gzip"));
        app.MapPost("/api/beacons/{id}/heartbeat", service.HearAsync);
        app.MapPost("/api/beacons/{id}/sign-in", service.BringAsync);
        app.MapGet("/api/beacons/{id}/plan", service.TellPlan);
        await app.StartAsync();
        service.Url = new Uri(app.Urls.Single());
        return service;
    }

    public Task UntilAsync(string stage) =>
        Patience.UntilAsync(() => Callbacks.Any(c => c.Stage == stage), () => $"no callback '{stage}' among:\n{string.Join('\n', Callbacks)}");

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private async Task<IResult> HearAsync(HttpRequest request)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        Heartbeats.Enqueue((request.Headers["X-Beacon-Token"].ToString(), body.ToArray()));
        return Results.Json(new { accepted = true, sign_in_key = SignInKey }, statusCode: 202);
    }

    private async Task<IResult> BringAsync(HttpRequest request)
    {
        using var body = await JsonDocument.ParseAsync(request.Body);
        SignIns.Enqueue(body.RootElement.Clone());
        SignInKey = null;
        return Results.StatusCode(204);
    }

    private IResult TellPlan(HttpContext context)
    {
        if (Plan is not { } plan) return Results.StatusCode(403);
        context.Response.Headers.ETag = plan.Etag;
        if (context.Request.Headers.IfNoneMatch == plan.Etag) return Results.StatusCode(304);
        PlansSent++;
        return Results.Text(plan.Text, "application/json");
    }

    private async Task<IResult> TakeAsync(HttpRequest request)
    {
        using var body = await JsonDocument.ParseAsync(request.Body);
        var root = body.RootElement;
        string? Text(string name) => root.TryGetProperty(name, out var value) ? value.GetString() : null;
        var callback = new Callback(
            request.Headers["X-Callback-Token"].ToString(),
            root.GetProperty("stage").GetString()!,
            root.GetProperty("progress").GetInt32(),
            root.GetProperty("seq").GetInt32(),
            Text("module"),
            Text("message"),
            Text("error"),
            Text("agent"));
        var status = Answer(callback);
        if (status == 202) Callbacks.Enqueue(callback);
        return Results.StatusCode(status);
    }
}

internal sealed record Callback(string Token, string Stage, int Progress, int Seq, string? Module, string? Message, string? Error, string? Agent = null);
