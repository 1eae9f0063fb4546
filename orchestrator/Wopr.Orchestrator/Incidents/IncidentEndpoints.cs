using System.Text.Json;
using Wopr.Platform.Http;
using Wopr.Platform.OpenApi;
using Wopr.Platform.Work;
using Wopr.Provisioning;
using Wopr.Support;

namespace Wopr.Incidents;

/// <summary>The operators' view of what is wrong. Closed to everybody else by the door that it is mapped behind.</summary>
public static class IncidentEndpoints
{
    private const int LongestPage = 500;

    public static IServiceCollection AddIncidents(this IServiceCollection services) => services
        .AddSingleton<IncidentStore>()
        .AddSingleton<IQuarantine, Quarantine>()
        .AddSingleton<ProviderWatch>()
        .AddSingleton<IProviderWatch>(s => s.GetRequiredService<ProviderWatch>())
        .AddHostedService(s => s.GetRequiredService<ProviderWatch>());

    public static IEndpointRouteBuilder MapIncidents(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/operator/incidents").WithTags("Operators");
        group.MapGet("", ListAsync).Named("incidents", "Incidents, newest first: ?state=open|closed|all, ?job=, ?code=, ?limit=, ?before= (an id, for the next page)")
            .Answers(new IncidentList([Example])).Refuses(400, ErrorCodes.RequestNotUnderstood);
        group.MapGet("/{id:long}", FindAsync).Named("incident", "One incident with its evidence").Answers(Example).Refuses(404, ErrorCodes.NotFound);
        return app;
    }

    private static Incident Example => new(
        12, $"job:{JobExamples.Job}", ErrorCodes.BeaconSilent.Value, Severity.Critical, JobExamples.Job, "The beacon has said nothing for 10 minutes.",
        JsonElement.Parse("""{"provider":{"server":42,"status":"running"}}"""), 1, JobExamples.Morning, JobExamples.Morning, null, null);

    private static async Task<IResult> ListAsync(
        IncidentStore incidents, CancellationToken cancellation, string? state = null, string? job = null, string? code = null, int limit = 100, long? before = null)
    {
        bool? open;
        switch (state)
        {
            case null or "open": open = true; break;
            case "closed": open = false; break;
            case "all": open = null; break;
            default: return NotUnderstood("state is open, closed or all.");
        }
        JobId id = default;
        if (job is not null && !JobId.TryParse(job, out id)) return NotUnderstood("job is the id of a job.");
        if (limit is < 1 or > LongestPage) return NotUnderstood($"limit is a number from 1 to {LongestPage}.");
        var found = await incidents.ListAsync(new IncidentFilter(open, job is null ? null : id, code, CausePrefix: null, before, limit), cancellation);
        return Results.Ok(new IncidentList(found));
    }

    private static async Task<IResult> FindAsync(long id, IncidentStore incidents, CancellationToken cancellation) =>
        await incidents.FindAsync(id, cancellation) is { } incident
            ? Results.Ok(incident)
            : Problems.Result(StatusCodes.Status404NotFound, ErrorCodes.NotFound, "There is no incident with this id.");

    private static IResult NotUnderstood(string detail) => Problems.Result(StatusCodes.Status400BadRequest, ErrorCodes.RequestNotUnderstood, detail);
}

public sealed record IncidentList(IReadOnlyList<Incident> Incidents);
