using Npgsql;
using Wopr.Platform;
using Wopr.Platform.Work;

namespace Wopr.Beacons;

/// <summary>What operators may ask of the watch over finished beacons.</summary>
public static class BeaconEndpoints
{
    public static IServiceCollection AddBeacons(this IServiceCollection services) => services.AddSingleton<IWorkHandler, BeaconCheck>();

    public static IEndpointRouteBuilder MapBeacons(this IEndpointRouteBuilder app)
    {
        app.MapPost("/api/operator/beacons/check", CheckAsync).WithTags("Operators").WithSummary("Looks at all finished beacons now instead of at the next round; what does not answer becomes an incident");
        return app;
    }

    private static async Task<IResult> CheckAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await WorkQueue.SignalAsync(connection, transaction: null, BeaconCheck.WorkKey);
        return Results.Accepted("/api/operator/incidents");
    }
}
