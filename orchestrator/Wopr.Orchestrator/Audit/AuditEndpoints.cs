using Wopr.Operators;
using Wopr.Platform.OpenApi;
using Wopr.Provisioning;
using Wopr.Support;

namespace Wopr.Audit;

/// <summary>The audit log for operators.</summary>
public static class AuditEndpoints
{
    private const int Page = 50;

    public static IServiceCollection AddAudit(this IServiceCollection services) => services.AddSingleton<AuditLog>();

    public static void MapAudit(this IEndpointRouteBuilder app) =>
        app.MapGet("/api/operator/audit", ListAsync).RequireAuthorization(OperatorKeys.Policy).WithTags("Operators")
            .Named("audit", "Who did what, and why: newest first, perhaps of one job; ?before= continues a page")
            .Answers(new AuditPage([Example], null)).Refuses(400, ErrorCodes.RequestNotUnderstood);

    private static AuditRow Example => new()
    {
        Id = 7,
        At = JobExamples.Morning,
        ActorKind = "operator",
        Actor = "key",
        Action = "resume",
        JobId = JobExamples.Job,
        Reason = "the registry is back",
        Outcome = AuditOutcome.Done,
    };

    private static async Task<IResult> ListAsync(AuditLog audit, string? job, long? before, int? limit, CancellationToken cancellation)
    {
        JobId? wanted = null;
        if (job is not null)
        {
            if (!JobId.TryParse(job, out var parsed)) return Problems.Result(StatusCodes.Status400BadRequest, ErrorCodes.RequestNotUnderstood, "job is the id of a job.");
            wanted = parsed;
        }
        var rows = await audit.ListAsync(wanted, before, limit ?? Page, cancellation);
        var full = rows.Count == Math.Clamp(limit ?? Page, 1, AuditLog.LargestPage);
        return Results.Ok(new AuditPage(rows, full ? rows[^1].Id : null));
    }
}

/// <param name="Next">Where the next page begins (<c>?before=</c>), or null at the end.</param>
public sealed record AuditPage(IReadOnlyList<AuditRow> Entries, long? Next);
