using Npgsql;
using Wopr.Audit;
using Wopr.Platform;
using Wopr.Platform.OpenApi;
using Wopr.Platform.Work;
using Wopr.Provisioning;
using Wopr.Support;

namespace Wopr.Sweep;

/// <summary>The operators' view of what is left behind.</summary>
public static class OrphanEndpoints
{
    private const int LongestList = 1000;

    public static IServiceCollection AddSweep(this IServiceCollection services) => services
        .AddSingleton<InventoryReader>()
        .AddSingleton<OrphanStore>()
        .AddSingleton<OrphanRemoval>()
        .AddSingleton<FirewallRepair>()
        .AddSingleton<IWorkHandler, OrphanSweep>()
        .AddSingleton<IWorkHandler, FirewallCheck>();

    public static IEndpointRouteBuilder MapSweep(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/operator/orphans").WithTags("Operators");
        group.MapGet("", ListAsync).Named("orphans", "What is at the providers with our mark and belongs to no live job, and lost servers, with age and monthly cost; ?state=all shows what is gone too")
            .Answers(Example).Refuses(400, ErrorCodes.RequestNotUnderstood);
        group.MapPost("/sweep", SweepAsync).Named("sweepOrphans", "Looks for orphans and at the firewall now instead of at the next round").AnswersRaw(202);
        return app;
    }

    private static OrphanList Example => new(
        "report", 1440, 15, JobExamples.Morning, [], 599,
        [new("server", "main", "42", "wopr-alice-0199c4a4", JobExamples.Job, "its job is over", 7200, 599, JobExamples.Morning.AddHours(-2), JobExamples.Morning.AddHours(-1), JobExamples.Morning, null, null, null, null)]);

    private static async Task<IResult> ListAsync(OrphanStore orphans, Settings settings, CancellationToken cancellation, string? state = null)
    {
        if (state is not (null or "here" or "all")) return Problems.Result(StatusCodes.Status400BadRequest, ErrorCodes.RequestNotUnderstood, "state is here or all.");
        return Results.Ok(await ReadAsync(orphans, settings, state == "all", cancellation));
    }

    /// <summary>What stands; with <paramref name="all"/> what is gone too.</summary>
    public static async Task<OrphanList> ReadAsync(OrphanStore orphans, Settings settings, bool all, CancellationToken cancellation)
    {
        var (rows, last) = await orphans.ListAsync(all, LongestList, cancellation);
        var here = rows.Where(r => r.GoneAt is null).ToList();
        return new OrphanList(
            settings.SweepRemoves ? "remove" : "report", (int)settings.SweepGrace.TotalMinutes, (int)settings.SweepPeriod.TotalMinutes, last?.At, last?.Problems ?? [],
            here.Where(r => r.Kind != OrphanKind.LostServer.Word()).Sum(r => r.MonthlyCents ?? 0),
            [.. rows.Select(r => OrphanView.Of(r, settings))]);
    }

    private static async Task<IResult> SweepAsync(HttpContext context, NpgsqlDataSource database, CancellationToken cancellation)
    {
        await AskAsync(database, Actor.Of(context.User), cancellation);
        return Results.Accepted("/api/operator/orphans");
    }

    /// <summary>Has the providers looked at now.</summary>
    public static Task AskAsync(NpgsqlDataSource database, Actor who, CancellationToken cancellation) => database.InTransactionAsync(async (connection, transaction) =>
    {
        await WorkQueue.SignalAsync(connection, transaction, FirewallCheck.WorkKey);
        await WorkQueue.SignalAsync(connection, transaction, OrphanSweep.WorkKey);
        await AuditLog.AppendAsync(connection, transaction, new AuditEntry(who, "sweep", null, AuditEntry.NoReason, AuditOutcome.Done));
    }, cancellation);
}

/// <param name="SweptAt">When the last sweep ended; null before the first.</param>
/// <param name="Problems">What the last sweep could not look at.</param>
/// <param name="MonthlyCents">Gross, of everything listed that is here and whose price is known.</param>
public sealed record OrphanList(
    string Mode, int GraceMinutes, int PeriodMinutes, DateTimeOffset? SweptAt, IReadOnlyList<string> Problems, int MonthlyCents, IReadOnlyList<OrphanView> Orphans);

/// <param name="Project">Where it is; null for a record of the zone.</param>
/// <param name="RemoveAfter">When it may be removed; null when only a human may, or when nothing is removed here.</param>
public sealed record OrphanView(
    string Kind, string? Project, string Id, string Name, Guid? JobId, string Why, long AgeSeconds, int? MonthlyCents, DateTimeOffset? CreatedAt, DateTimeOffset FirstSeenAt,
    DateTimeOffset LastSeenAt, DateTimeOffset? RemoveAfter, DateTimeOffset? RemovedAt, string? LastError, DateTimeOffset? GoneAt)
{
    internal static OrphanView Of(OrphanRow row, Settings settings) => new(
        row.Kind, row.Project, row.ProviderId, row.Name, row.JobId, row.Why, row.AgeSeconds, row.MonthlyCents, row.CreatedAt, row.FirstSeenAt, row.LastSeenAt,
        settings.SweepRemoves && row.Removable ? row.FirstSeenAt + settings.SweepGrace : null, row.RemovedAt, row.LastError, row.GoneAt);
}
