using System.Text.Json.Serialization;
using Npgsql;
using Wopr.Platform.OpenApi;
using Wopr.Support;

namespace Wopr.Platform;

/// <summary>Liveness for whoever watches the service: it answers, and its database does.</summary>
public static class HealthEndpoint
{
    private const string Address = "/api/health";

    /// <summary>
    /// Answers ahead of routing: who waits for a node to come up asks this first, and the table of all addresses and pages,
    /// which takes its time, is made when another address is asked for.
    /// </summary>
    public static void UseHealth(this IApplicationBuilder app) =>
        app.Use(next => context => context.Request.Path == Address && HttpMethods.IsGet(context.Request.Method) ? AnswerAsync(context) : next(context));

    /// <summary>For the API's document, and for whoever asks with another method.</summary>
    public static void MapHealth(this IEndpointRouteBuilder app) =>
        app.MapGet(Address, CheckAsync).AllowAnonymous().WithTags("Health").Named("health", "Whether the service and its database answer")
            .Answers(new Health("ok", "sandbox")).Refuses(503, ErrorCodes.DatabaseUnavailable, ErrorCodes.PoolExhausted);

    private static async Task AnswerAsync(HttpContext context)
    {
        var (database, settings) = (context.RequestServices.GetRequiredService<NpgsqlDataSource>(), context.RequestServices.GetRequiredService<Settings>());
        await (await CheckAsync(database, settings, context.RequestAborted)).ExecuteAsync(context);
    }

    private static async Task<IResult> CheckAsync(NpgsqlDataSource database, Settings settings, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(3));
        try
        {
            await using var question = database.CreateCommand("SELECT 1");
            await question.ExecuteNonQueryAsync(limit.Token);
            return Results.Json(new Health("ok", settings.Sandbox ? "sandbox" : "live"), HealthJson.Default.Health);
        }
        catch (NpgsqlException error) when (Database.IsFull(error))
        {
            return Problems.Result(StatusCodes.Status503ServiceUnavailable, ErrorCodes.PoolExhausted, "No database connection is free.");
        }
        catch (Exception error) when (error is NpgsqlException or OperationCanceledException)
        {
            return Problems.Result(StatusCodes.Status503ServiceUnavailable, ErrorCodes.DatabaseUnavailable, "The database does not answer.");
        }
    }
}

/// <param name="Mode"><c>sandbox</c>, or <c>live</c> with the real providers.</param>
public sealed record Health(string Status, string Mode);

// Asked while the service comes up, when what is found by reflection would have to be found first.
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(Health))]
internal sealed partial class HealthJson : JsonSerializerContext;
