using Wopr.Audit;
using Wopr.Platform;
using Wopr.Provisioning;
using Wopr.Support.Diagnosis;
using Wopr.Support.Keys;
using Wopr.Support.Mcp;
using Wopr.Support.Remedies;
using Wopr.Support.Tickets;

namespace Wopr.Support;

/// <summary>The support tier's own part of the service: keys, diagnosis, remedies, tickets, and all of it as MCP.</summary>
public static class SupportDesk
{
    public static IServiceCollection AddSupportDesk(this IServiceCollection services) =>
        services.AddCatalogueIndex().AddSupportKeys().AddDiagnosis().AddRemedies().AddTickets().AddMcp();

    /// <summary>The search gets the database's help; every node writes its rows at the start.</summary>
    private static IServiceCollection AddCatalogueIndex(this IServiceCollection services) => services
        .AddSingleton<CatalogueIndex>()
        .AddSingleton<ICatalogueSearch>(s => s.GetRequiredService<CatalogueIndex>());

    /// <summary>Each part says itself who may: support keys with the scope, or operators.</summary>
    public static void MapSupportDesk(this IEndpointRouteBuilder app)
    {
        app.MapDiagnosis();
        app.MapSupportKeys();
        app.MapRemedies();
        app.MapTickets();
        app.MapMcp();
    }

    internal static IResult NoSuchJob() => Problems.Result(StatusCodes.Status404NotFound, ErrorCodes.NotFound, "There is no job with this id.");

    internal static IResult Wrong(string detail) => Problems.Result(StatusCodes.Status422UnprocessableEntity, ErrorCodes.RequestNotUnderstood, detail);
}
