using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Wopr.Orchestrator.Tests.Http;

/// <summary>
/// A provider on a real socket that expects exactly the requests it was told, in this order, and remembers every other
/// one. <see cref="Done"/> fails on one too many and on one too few.
/// </summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly Queue<(string Request, Answer Answer)> script = new();
    private readonly List<string> surprises = [];
    private readonly Lock gate = new();

    private ScriptedServer(WebApplication app) => this.app = app;

    public List<Received> Received { get; } = [];

    public Uri Address { get; private set; } = null!;

    public static async Task<ScriptedServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        var server = new ScriptedServer(builder.Build());
        server.app.Run(server.AnswerAsync);
        await server.app.StartAsync();
        server.Address = new Uri(server.app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        return server;
    }

    /// <param name="request">As in <c>GET /v1/servers?name=a</c>, unescaped.</param>
    public ScriptedServer On(string request, Answer answer)
    {
        lock (gate) script.Enqueue((request, answer));
        return this;
    }

    public void Done()
    {
        lock (gate)
        {
            surprises.ShouldBeEmpty("requests that nobody expected");
            script.Select(s => s.Request).ShouldBeEmpty("requests that did not come");
        }
    }

    public async ValueTask DisposeAsync() => await app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var target = Uri.UnescapeDataString(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
        var request = $"{context.Request.Method} {target}";
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync(context.RequestAborted);
        var answer = Next(request, new Received(request, body, context.Request.Headers.Authorization.ToString()));
        answer.Arrived.TrySetResult();
        switch (answer.Manner)
        {
            case Manner.Lost:
                context.Abort();
                return;
            case Manner.Silent:
                await UntilAborted(context);
                return;
            default:
                // The provider's clock stands where the test's does.
                context.Response.Headers.Date = TestClock.Start.ToString("R", System.Globalization.CultureInfo.InvariantCulture);
                context.Response.StatusCode = answer.Status;
                context.Response.ContentType = answer.ContentType;
                foreach (var (name, value) in answer.Headers) context.Response.Headers.Append(name, value);
                if (answer.Status != 204) await context.Response.WriteAsync(answer.Body, context.RequestAborted);
                return;
        }
    }

    private Answer Next(string request, Received received)
    {
        lock (gate)
        {
            Received.Add(received);
            if (script.TryPeek(out var next) && next.Request == request) return script.Dequeue().Answer;
            surprises.Add($"{request} (expected: {(script.Count == 0 ? "nothing more" : script.Peek().Request)})");
            return new Answer(418, "a surprise");
        }
    }

    private static async Task UntilAborted(HttpContext context)
    {
        var aborted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = context.RequestAborted.Register(aborted.SetResult);
        await aborted.Task;
    }
}

internal sealed record Received(string Request, string Body, string Authorization);

internal enum Manner { Normal, Lost, Silent }

internal sealed record Answer(int Status, string Body, params (string Name, string Value)[] Headers)
{
    public Manner Manner { get; private init; }

    public string ContentType { get; private init; } = "application/json";

    /// <summary>Completes when the request is there.</summary>
    public TaskCompletionSource Arrived { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The request is read to its end, then the connection breaks.</summary>
    public static Answer Lost() => new(0, "") { Manner = Manner.Lost };

    /// <summary>The request is read, and nothing ever comes back.</summary>
    public static Answer Silent() => new(0, "") { Manner = Manner.Silent };

    public static Answer Html(int status) => new(status, "<html><body><h1>Bad Gateway</h1></body></html>") { ContentType = "text/html" };

    public static Answer Empty() => new(204, "");

    /// <summary>A Hetzner refusal.</summary>
    public static Answer Refusal(int status, string code, params (string, string)[] headers) =>
        new(status, $$"""{"error":{"code":"{{code}}","message":"some text","details":null} }""", headers);
}
