using Wopr.Platform.OpenApi;
using Wopr.Provisioning;

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
            .Named("queue", "Work by kind, leases and quarantine, nodes, the calls left for each provider token, and how full each project is")
            .Answers(new QueueView([new QueueKind { Kind = "provision", Due = 2, Leased = 1 }], [], [new NodeFacts { Name = "node-1", Alive = true }], [], [new ProjectFacts("main", "open", 12, 1, 100, 3480)]));
        group.MapGet("/outbox", (OutboxBoard board, CancellationToken cancellation) => board.ReadAsync(cancellation))
            .Named("outbox", "Mails that wait, and the last hundred that were sent")
            .Answers<RouteHandlerBuilder, IReadOnlyList<OutboxMail>>([new OutboxMail { JobId = JobExamples.Job, Fqdn = "alice.beacons.example", Kind = "welcome", CreatedAt = JobExamples.Morning }]);
        group.MapGet("/stock", (StockBoard board, CancellationToken cancellation) => board.ReadAsync(cancellation))
            .Named("stock", "Bundles, and server types with what is sold out where")
            .Answers(new StockView("EUR", [new BundleFacts("starter", "Starter", [1599, 2599, 4599], 4, [])], ["fsn1"], [new ServerTypeFacts("cpx22", 2, 4, 80, [])]));
    }
}
