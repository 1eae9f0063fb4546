using System.Globalization;
using Wopr.Support;

namespace Wopr.Operators.Boards;

/// <summary>The console's boards for programs.</summary>
public static class BoardEndpoints
{
    public static IServiceCollection AddBoards(this IServiceCollection services) => services
        .AddSingleton<QueueBoard>().AddSingleton<OutboxBoard>().AddSingleton<BeaconBoard>().AddSingleton<StockBoard>();

    public static void MapBoards(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/operator").WithTags("Operators");
        group.MapGet("/queue", (QueueBoard board, CancellationToken cancellation) => board.ReadAsync(cancellation))
            .WithSummary("Work by kind, leases and quarantine, nodes, and the calls left for each provider token").Produces<QueueView>();
        group.MapGet("/outbox", (OutboxBoard board, CancellationToken cancellation) => board.ReadAsync(cancellation))
            .WithSummary("Mails that wait, and the last hundred that were sent").Produces<IReadOnlyList<OutboxMail>>();
        group.MapGet("/stock", (StockBoard board, CancellationToken cancellation) => board.ReadAsync(cancellation))
            .WithSummary("Bundles, and server types with what is sold out where").Produces<StockView>();
        group.MapGet("/beacons", BeaconsAsync)
            .WithSummary("Finished beacons, newest first; ?before= (a time) continues a page").Produces<IReadOnlyList<BeaconFacts>>();
    }

    private static async Task<IResult> BeaconsAsync(BeaconBoard board, string? before, CancellationToken cancellation)
    {
        DateTimeOffset? end = null;
        if (before is not null)
        {
            if (!DateTimeOffset.TryParse(before, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var parsed))
                return Problems.Result(StatusCodes.Status400BadRequest, ErrorCodes.RequestNotUnderstood, "before is a time such as 2026-11-21T10:00:00Z.");
            end = parsed;
        }
        return Results.Ok(await board.ReadAsync(end, cancellation));
    }
}
