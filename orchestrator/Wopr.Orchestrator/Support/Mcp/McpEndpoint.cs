using System.Text.Json;
using Microsoft.AspNetCore.Authorization;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using Wopr.Operators.SignIn;
using Wopr.Platform;
using Wopr.Support.Keys;
using Wopr.Web;

namespace Wopr.Support.Mcp;

/// <summary>
/// The support tier for models: Streamable HTTP without sessions, so that any node answers any call. Whoever may call it
/// shows a support key or an operator's; each tool asks for its own scope.
/// </summary>
public static class McpEndpoint
{
    public const string Path = "/mcp";

    private const string Policy = "support-mcp";
    private const int LargestMessage = 900 * 1024;

    public static IServiceCollection AddMcp(this IServiceCollection services)
    {
        services.AddSingleton<McpTools>().AddSingleton<McpTexts>();
        services.AddAuthorizationBuilder().AddPolicy(Policy, policy => policy.RequireAssertion(context =>
            context.User.HasClaim(c => c.Type == SupportAuthentication.ScopeClaim)
            || (context.User.May(OperatorRole.Viewer) && !OperatorIdentity.IsAmbient(context.User))));
        return services;
    }

    public static void MapMcp(this IEndpointRouteBuilder app)
    {
        app.MapPost(Path, PostAsync).RequireAuthorization(Policy).ExcludeFromDescription();
        app.MapMethods(Path, ["GET", "DELETE"], () => Results.StatusCode(StatusCodes.Status405MethodNotAllowed)).RequireAuthorization(Policy).ExcludeFromDescription();
    }

    /// <summary>
    /// A page of another site must not talk to it through somebody's browser. The request's own host is no measure: whoever
    /// owns a name can let it lead here (DNS rebinding). Programs send no Origin.
    /// </summary>
    private static bool IsFromHere(HttpRequest request, Settings settings) =>
        request.Headers.Origin.Count == 0
        || (SameOrigin.IsFine(request) && Uri.TryCreate(request.Headers.Origin.ToString(), UriKind.Absolute, out var origin)
            && (origin.IsLoopback || origin.Authority == settings.PublicUrl.Authority));

    private static async Task PostAsync(HttpContext context, McpTools tools, McpTexts texts, Settings settings, ILoggerFactory loggers)
    {
        var cancellation = context.RequestAborted;
        if (!IsFromHere(context.Request, settings))
        {
            await Problems.Result(StatusCodes.Status403Forbidden, ErrorCodes.SupportKeyRefused, "Requests from pages of other sites are refused.").ExecuteAsync(context);
            return;
        }
        JsonRpcMessage? message;
        try
        {
            message = context.Request.ContentLength > LargestMessage || !context.Request.HasJsonContentType()
                ? null
                : await JsonSerializer.DeserializeAsync<JsonRpcMessage>(context.Request.Body, McpJsonUtilities.DefaultOptions, cancellation);
        }
        catch (JsonException)
        {
            message = null;
        }
        if (message is null)
        {
            await Problems.Result(StatusCodes.Status400BadRequest, ErrorCodes.RequestNotUnderstood, "Send one JSON-RPC message as application/json.").ExecuteAsync(context);
            return;
        }
        await using var transport = new StreamableHttpServerTransport(loggers) { Stateless = true };
        await using var server = McpServer.Create(transport, Options(context, tools, texts), loggers, context.RequestServices);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var running = server.RunAsync(ended.Token);
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        if (!await transport.HandlePostRequestAsync(message, context.Response.Body, cancellation))
        {
            context.Response.ContentType = null;
            context.Response.StatusCode = StatusCodes.Status202Accepted;
        }
        await ended.CancelAsync();
        try
        {
            await running;
        }
        catch (OperationCanceledException)
        {
            // It was told to stop: one message, one answer.
        }
    }

    private static McpServerOptions Options(HttpContext context, McpTools tools, McpTexts texts)
    {
        var user = context.User;
        return new McpServerOptions
        {
            ServerInfo = new Implementation { Name = "wopr-support", Title = "WOPR support", Version = typeof(McpEndpoint).Assembly.GetName().Version?.ToString(3) ?? "1.0.0" },
            ServerInstructions = McpTexts.Instructions,
            Capabilities = new ServerCapabilities { Tools = new(), Resources = new(), Prompts = new() },
            Handlers = new McpServerHandlers
            {
                ListToolsHandler = (_, _) => ValueTask.FromResult(new ListToolsResult { Tools = [.. tools.For(user)] }),
                CallToolHandler = async (request, cancellation) => await tools.CallAsync(request.Params!.Name, request.Params.Arguments, user, cancellation),
                ListResourcesHandler = (_, _) => ValueTask.FromResult(texts.ListResources()),
                ListResourceTemplatesHandler = (_, _) => ValueTask.FromResult(McpTexts.Templates()),
                ReadResourceHandler = (request, _) => ValueTask.FromResult(texts.ReadResource(request.Params!.Uri)),
                ListPromptsHandler = (_, _) => ValueTask.FromResult(McpTexts.ListPrompts()),
                GetPromptHandler = (request, _) => ValueTask.FromResult(McpTexts.GetPrompt(request.Params!.Name, request.Params.Arguments)),
            },
        };
    }
}
