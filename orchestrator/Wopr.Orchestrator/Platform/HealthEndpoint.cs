using Dapper;
using Npgsql;
using Wopr.Support;

namespace Wopr.Platform;

/// <summary>Liveness for whoever watches the service: it answers, and its database does.</summary>
public static class HealthEndpoint
{
    public static void MapHealth(this IEndpointRouteBuilder app) =>
        app.MapGet("/api/health", CheckAsync).AllowAnonymous().WithTags("Health").WithSummary("Whether the service and its database answer");

    private static async Task<IResult> CheckAsync(NpgsqlDataSource database, Settings settings, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(3));
        try
        {
            await using var connection = await database.OpenConnectionAsync(limit.Token);
            await connection.ExecuteScalarAsync<int>(new CommandDefinition("SELECT 1", cancellationToken: limit.Token));
            return Results.Ok(new { status = "ok", mode = settings.Sandbox ? "sandbox" : "live" });
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
