using System.Text.Json;
using Npgsql;
using Wopr.Audit;
using Wopr.Operators;
using Wopr.Platform;
using Wopr.Platform.OpenApi;
using Wopr.Platform.Work;
using Wopr.Provisioning;
using Wopr.Support;

namespace Wopr.Beacons;

/// <summary>Finished beacons for operators: how they are, what they are to be, and the watch over them.</summary>
public static class BeaconEndpoints
{
    public static IServiceCollection AddBeacons(this IServiceCollection services) => services
        .AddSingleton<AgentStore>()
        .AddSingleton<PlanStore>()
        .AddSingleton<BeaconList>()
        .AddSingleton<FirstSignIns>()
        .AddSingleton<IWorkHandler, HeartbeatCheck>()
        .AddSingleton<IWorkHandler, BeaconCheck>();

    public static IEndpointRouteBuilder MapBeacons(this IEndpointRouteBuilder app)
    {
        app.MapAgents();
        app.MapFirstSignIn();
        var beacons = app.MapGroup("/api/operator/beacons").WithTags("Operators");
        beacons.MapPost("/check", CheckAsync)
            .Named("checkBeacons", "Looks at all finished beacons now instead of at the next round; what does not answer becomes an incident").AnswersRaw(202);
        beacons.MapGet("", async (BeaconList list, CancellationToken cancellation) => Results.Ok(new BeaconRows(await list.ListAsync(cancellation))))
            .Named("beacons", "Finished beacons with their last heartbeat and their plan, silent ones first").Answers(new BeaconRows([BeaconExamples.Row]));
        beacons.MapGet("/{id}", FindAsync).Named("beacon", "One finished beacon: its last heartbeat, and its plans").Answers(BeaconExamples.Dossier).Refuses(404, ErrorCodes.NotFound);
        beacons.MapPost("/{id}/plan", ChangeAsync).Named("changePlan", "Adds, removes or updates applications; the beacon carries it out itself within minutes")
            .Takes(new PlanForm("the customer asked for it", ["vikunja"])).Answers(BeaconExamples.Plan, 202, 200)
            .Refuses(404, ErrorCodes.NotFound).Refuses(409, ErrorCodes.VerbDoesNotApply).Refuses(422, ErrorCodes.RequestNotUnderstood);
        return app;
    }

    private static async Task<IResult> CheckAsync(HttpContext context, NpgsqlDataSource database, CancellationToken cancellation)
    {
        await AskAsync(database, Actor.Of(context.User), cancellation);
        return Results.Accepted("/api/operator/incidents");
    }

    /// <summary>Has all beacons looked at now.</summary>
    public static Task AskAsync(NpgsqlDataSource database, Actor who, CancellationToken cancellation) => database.InTransactionAsync(async (connection, transaction) =>
    {
        await WorkQueue.SignalAsync(connection, transaction, BeaconCheck.WorkKey);
        await AuditLog.AppendAsync(connection, transaction, new AuditEntry(who, "check-beacons", null, AuditEntry.NoReason, AuditOutcome.Done));
    }, cancellation);

    private static async Task<IResult> FindAsync(string id, BeaconList list, CancellationToken cancellation) =>
        JobId.TryParse(id, out var job) && await list.FindAsync(job, cancellation) is { } dossier
            ? Results.Ok(dossier)
            : Problems.Result(StatusCodes.Status404NotFound, ErrorCodes.NotFound, "There is no finished beacon with this id.");

    private static async Task<IResult> ChangeAsync(string id, HttpContext context, PlanStore plans, CancellationToken cancellation)
    {
        PlanForm? form;
        try
        {
            form = context.Request.HasJsonContentType() ? await context.Request.ReadFromJsonAsync<PlanForm>(Json.Options, cancellation) : null;
        }
        catch (JsonException)
        {
            form = null;
        }
        if (form is null) return NotUnderstood("Send a JSON object with a reason, and add, remove or update (Content-Type: application/json).");
        if (form.Reason?.Trim() is not { Length: > 0 and <= VerbRequest.LongestReason } reason) return NotUnderstood($"reason says why, in 1 to {VerbRequest.LongestReason} characters.");
        if (form.Added.Concat(form.Removed).Any(m => !Modules.ModuleId.TryParse(m, out _))) return NotUnderstood("add and remove are lists of modules' names.");
        if (!JobId.TryParse(id, out var job)) return Problems.Result(StatusCodes.Status404NotFound, ErrorCodes.NotFound, "There is no beacon with this id.");
        return await plans.ChangeAsync(job, form, Actor.Of(context.User), reason, cancellation) switch
        {
            ChangeOutcome.Changed changed => Results.Json(changed.Plan, statusCode: StatusCodes.Status202Accepted),
            ChangeOutcome.Already already => Results.Ok(already.Plan),
            ChangeOutcome.Refused refused => Problems.Result(refused.Status, refused.Code, refused.Detail),
            _ => throw new InvalidOperationException("an outcome that nobody knows"),
        };
    }

    private static IResult NotUnderstood(string detail) => Problems.Result(StatusCodes.Status422UnprocessableEntity, ErrorCodes.RequestNotUnderstood, detail);
}

public sealed record BeaconRows(IReadOnlyList<BeaconRow> Beacons);
