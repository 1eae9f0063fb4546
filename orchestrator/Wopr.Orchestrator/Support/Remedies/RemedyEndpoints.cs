using System.Security.Claims;
using System.Text.RegularExpressions;
using Wopr.Audit;
using Wopr.Operators;
using Wopr.Operators.SignIn;
using Wopr.Platform.OpenApi;
using Wopr.Provisioning;
using Wopr.Support.Diagnosis;
using Wopr.Support.Keys;
using Wopr.Support.Tickets;

namespace Wopr.Support.Remedies;

public static partial class RemedyEndpoints
{
    public static IServiceCollection AddRemedies(this IServiceCollection services)
    {
        services.AddSingleton<ActionWait>().AddSingleton<RemedyRuns>().AddSingleton<RemedyDesk>();
        foreach (var remedy in (Type[])[typeof(ResumeJob), typeof(RecreateServer), typeof(ResendMail), typeof(ReissueToken), typeof(ReconcileDns), typeof(PurgeCache), typeof(UploadSshKey), typeof(RebootServer), typeof(RerunInstaller), typeof(RerunModule), typeof(RecreateNetwork), typeof(CollectBundle)])
            services.AddSingleton(typeof(IRemedy), remedy);
        return services;
    }

    private static RemedyForm Form => new(JobExamples.Job.ToString(), "CF-001", "visitors see old pages", true);

    private static RemedyAnswer Example => new("purge-cache", "would", RemedyTier.Automatic, ["Cloudflare forgets what it holds for alice.example"], null, null, null);

    public static void MapRemedies(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/support/remedies").RequireAuthorization(ScopeRequirement.Policy(SupportScope.Remedy)).WithTags("Support");
        group.MapPost("/{name}", TakeAsync).Named("takeRemedy", "Runs a remedy, or proposes it when a human must be asked; dry_run only tells what would happen")
            .Takes(Form).Answers(Example).Refuses(403, ErrorCodes.RemedyRefused).Refuses(404, ErrorCodes.NotFound).Refuses(409, ErrorCodes.RemedyRefused).Refuses(422, ErrorCodes.RequestNotUnderstood).Refuses(429, ErrorCodes.RemedyLimitReached);
        var operators = app.MapGroup("/api/operator/remedies").RequireAuthorization(OperatorKeys.Policy).WithTags("Operators");
        operators.MapGet("", (RemedyDesk desk) => Results.Ok(new RemedyListView([.. desk.All.Select(RemedyInfo.Of)]))).Named("listRemedies", "All remedies: tier, preconditions, whether data may be lost")
            .Answers(new RemedyListView([new RemedyInfo("purge-cache", RemedyTier.Automatic, "Makes Cloudflare forget what it holds for the beacon's own names.", "The job exists.", false)]));
        operators.MapGet("/runs", RunsAsync).Named("listRemedyRuns", "What was proposed and run, newest first: ?job=, ?open=true, ?limit=")
            .Answers(new RemedyRunsView([new RemedyRun { Remedy = "purge-cache", Status = RunStatus.Done, AskedKind = ActorKind.Support, AskedBy = "night shift", Reason = "old pages" }])).Refuses(422, ErrorCodes.RequestNotUnderstood);
        operators.MapPost("/runs/{id:guid}/approve", (Guid id, RemedyDecision form, HttpContext context, RemedyDesk desk, CancellationToken cancellation) => DecideAsync(id, true, form, context, desk, cancellation)).Named("approveRemedy", "Approves a proposal and carries it out").Takes(new RemedyDecision("looked at it")).Answers(Example).Refuses(409, ErrorCodes.VerbDoesNotApply).Refuses(422, ErrorCodes.RequestNotUnderstood);
        operators.MapPost("/runs/{id:guid}/reject", (Guid id, RemedyDecision form, HttpContext context, RemedyDesk desk, CancellationToken cancellation) => DecideAsync(id, false, form, context, desk, cancellation)).Named("rejectRemedy", "Rejects a proposal").Takes(new RemedyDecision("not the cause")).Answers(Example).Refuses(409, ErrorCodes.VerbDoesNotApply).Refuses(422, ErrorCodes.RequestNotUnderstood);
    }

    /// <summary>The wish as its parts say it, or what is wrong with it. A human is whoever signed in as an operator.</summary>
    public static (RemedyWish? Wish, string? Problem) Read(string remedy, string? job, string? code, string? reason, ClaimsPrincipal user)
    {
        if (!Name().IsMatch(remedy)) return (null, "remedy is the name of one, such as reconcile-dns.");
        if (Reason(reason) is not { } why) return (null, $"reason says why, in 1 to {RemedyWish.LongestReason} characters.");
        JobId? id = null;
        if (!string.IsNullOrWhiteSpace(job))
        {
            if (!JobId.TryParse(job.Trim(), out var parsed)) return (null, "job is the id of a job.");
            id = parsed;
        }
        ErrorCode? named = null;
        if (!string.IsNullOrWhiteSpace(code))
        {
            if (!ErrorCode.TryParse(code.Trim().ToUpperInvariant(), out var parsed)) return (null, "code is an error code such as VPS-001.");
            named = parsed;
        }
        return (new RemedyWish(remedy, id, named, Actor.Of(user), user.May(OperatorRole.Operator), why), null);
    }

    /// <summary>Harmless to store and to show to whoever approves; null when nothing is left, or it is too long.</summary>
    private static string? Reason(string? text) =>
        text?.Length is null or > 4 * RemedyWish.LongestReason ? null : LogText.Harmless(text) is { Length: > 0 and <= RemedyWish.LongestReason } reason ? reason : null;

    [GeneratedRegex("^[a-z-]{1,40}$")]
    private static partial Regex Name();

    private static async Task<IResult> TakeAsync(string name, RemedyForm form, HttpContext context, RemedyDesk desk, CancellationToken cancellation)
    {
        context.Response.Headers.CacheControl = "no-store";
        var (wish, problem) = Read(name, form.Job, form.Code, form.Reason, context.User);
        if (wish is null) return SupportDesk.Wrong(problem!);
        return Answer(form.DryRun == true ? await desk.LookAsync(wish, cancellation) : await desk.RunAsync(wish, cancellation));
    }

    private static async Task<IResult> DecideAsync(Guid id, bool approve, RemedyDecision form, HttpContext context, RemedyDesk desk, CancellationToken cancellation)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (Reason(form.Reason) is not { } reason) return SupportDesk.Wrong($"reason says why, in 1 to {RemedyWish.LongestReason} characters.");
        return await desk.DecideAsync(id, approve, Actor.Of(context.User), reason, cancellation) is { } outcome
            ? Answer(outcome)
            : Problems.Result(StatusCodes.Status409Conflict, ErrorCodes.VerbDoesNotApply, "There is no such proposal, or it was decided already.");
    }

    private static async Task<IResult> RunsAsync(RemedyRuns runs, string? job, bool? open, int? limit, CancellationToken cancellation)
    {
        JobId? id = null;
        if (job is not null)
        {
            if (!JobId.TryParse(job, out var parsed)) return SupportDesk.Wrong("job is the id of a job.");
            id = parsed;
        }
        return Results.Ok(new RemedyRunsView(await runs.ListAsync(id, open == true, limit ?? 50, cancellation)));
    }

    private static IResult Answer(RemedyOutcome outcome) => outcome is RemedyOutcome.Refused refused
        ? Problems.Result(refused.Status, refused.Code, refused.Detail)
        : Results.Ok(RemedyAnswer.Of(outcome));
}

/// <param name="Code">The error code that it is to put right.</param>
public sealed record RemedyForm(string? Job, string? Code, string? Reason, bool? DryRun);

public sealed record RemedyDecision(string? Reason);

public sealed record RemedyListView(IReadOnlyList<RemedyInfo> Remedies);

public sealed record RemedyRunsView(IReadOnlyList<RemedyRun> Runs);

public sealed record RemedyInfo(string Name, RemedyTier Tier, string Summary, string Preconditions, bool Destructive)
{
    public static RemedyInfo Of(IRemedy remedy) => new(remedy.Name, remedy.Tier, remedy.Summary, remedy.Preconditions, remedy.IsDestructive);
}

/// <param name="Status"><c>would</c>, <c>nothing</c> or <c>cannot</c> of a dry run; else as in <see cref="RunStatus"/>.</param>
/// <param name="Tier">Who must be asked, of a dry run.</param>
/// <param name="Run">The proposal's or run's id, for approving it.</param>
/// <param name="Secret">A new callback token, shown this once and only to an operator.</param>
public sealed record RemedyAnswer(string Remedy, string Status, RemedyTier? Tier, IReadOnlyList<string> Changes, string? Detail, Guid? Run, string? Secret)
{
    public static RemedyAnswer Of(RemedyOutcome outcome) => outcome switch
    {
        RemedyOutcome.Looked { Look: RemedyLook.Would would } looked => new(looked.Remedy.Name, "would", looked.Tier, would.Changes, null, null, null),
        RemedyOutcome.Looked { Look: RemedyLook.Nothing nothing } looked => new(looked.Remedy.Name, "nothing", looked.Tier, [], nothing.Why, null, null),
        RemedyOutcome.Looked { Look: RemedyLook.Cannot cannot } looked => new(looked.Remedy.Name, "cannot", looked.Tier, [], cannot.Code is { } code ? $"{code}: {cannot.Why}" : cannot.Why, null, null),
        RemedyOutcome.Taken taken => new(taken.Run.Remedy, taken.Run.Status, null, [], taken.Run.Detail, taken.Run.Id == Guid.Empty ? null : taken.Run.Id, taken.Secret),
        _ => throw new InvalidOperationException("a refusal is a problem"),
    };
}
