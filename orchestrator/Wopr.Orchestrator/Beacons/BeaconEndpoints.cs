using Npgsql;
using Wopr.Audit;
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

    private static async Task<IResult> CheckAsync(HttpContext context, NpgsqlDataSource database, CancellationToken cancellation)
    {
        await database.InTransactionAsync(async (connection, transaction) =>
        {
            await WorkQueue.SignalAsync(connection, transaction, BeaconCheck.WorkKey);
            await AuditLog.AppendAsync(connection, transaction, new AuditEntry(Actor.Of(context.User), "check-beacons", null, AuditEntry.NoReason, AuditOutcome.Done));
        }, cancellation);
        return Results.Accepted("/api/operator/incidents");
    }
}
