using System.Security.Claims;
using System.Text.Json;
using Wopr.Audit;
using Wopr.Operators.SignIn;
using Wopr.Platform;
using Wopr.Platform.OpenApi;
using Wopr.Provisioning;
using Wopr.Support;

namespace Wopr.Operators;

/// <summary>Jobs for operators: list, dossier, and the verbs, each with a reason that is kept.</summary>
public static class OperatorEndpoints
{
    public static IServiceCollection AddOperators(this IServiceCollection services)
    {
        services.AddSingleton<JobList>();
        services.AddSingleton<JobDossiers>();
        services.AddSingleton<ResumeVerb>();
        services.AddSingleton<MailVerb>();
        services.AddSingleton<TokenVerb>();
        services.AddSingleton<JobVerbs>();
        services.AddSingleton<QuarantinedWork>();
        services.AddSingleton<PurgeVerb>();
        services.AddSingleton<IOperatorDesk, OperatorDesk>();
        return services;
    }

    public static void MapOperators(this IEndpointRouteBuilder app)
    {
        var jobs = app.MapGroup("/api/operator/jobs").RequireAuthorization(OperatorKeys.Policy).WithTags("Operators");
        jobs.MapGet("", ListAsync).Named("jobs", "Jobs, newest first: ?state= (several with commas), ?code=, ?q= (how a name or id begins), ?limit=, ?cursor=")
            .Answers(OperatorExamples.Page).Refuses(400, ErrorCodes.RequestNotUnderstood);
        jobs.MapGet("/{id}", FindAsync).Named("job", "Everything about one job; with ?email=true the customer's address").Answers(OperatorExamples.Dossier).Refuses(404, ErrorCodes.NotFound);
        foreach (var verb in Enum.GetValues<Verb>())
            jobs.MapPost($"/{{id}}/{verb.Word()}", (string id, HttpContext context, IOperatorDesk desk, CancellationToken cancellation) => DoAsync(verb, id, context, desk, cancellation))
                .RequireAuthorization(policy => policy.AddRequirements(new RoleRequirement(verb.Needs())))
                .Named(Name(verb), Summary(verb)).Takes(new VerbForm("the registry is back")).Answers(OperatorExamples.Done(verb), 202).Answers(OperatorExamples.Already(verb), 200)
                .Refuses(404, ErrorCodes.NotFound).Refuses(409, ErrorCodes.VerbDoesNotApply).Refuses(422, ErrorCodes.RequestNotUnderstood);
        app.MapQuarantine();
    }

    private static string Name(Verb verb) => verb switch
    {
        Verb.RotateToken => "rotateToken",
        Verb.ResendMail => "resendMail",
        _ => verb.Word(),
    };

    private static string Summary(Verb verb) => verb switch
    {
        Verb.Cancel => "Stops a job before it is completed and removes everything of it",
        Verb.Resume => "Takes a failed job up again; with \"from\": \"provisioning_vps\" on a new server",
        Verb.RetryStep => "Runs the step of a job on its way now, also out of quarantine",
        Verb.Decommission => "Takes a completed beacon down for good; its name becomes free",
        Verb.RotateToken => "Gives the beacon's reports a new token, shown this once; the old one is good for a while",
        _ => "Sends the job's last mail once more",
    };

    private static async Task<IResult> ListAsync(IOperatorDesk desk, string? state, string? code, string? q, int? limit, string? cursor, CancellationToken cancellation)
    {
        var states = new List<JobState>();
        foreach (var word in (state ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!JobStates.TryParse(word, out var one)) return NotUnderstood($"state is one of {string.Join(", ", Enum.GetValues<JobState>().Select(s => s.Word()))}.");
            states.Add(one);
        }
        if (code is not null && !ErrorCode.TryParse(code, out _)) return NotUnderstood("code is an error code such as HETZ-005.");
        if (q is { Length: > JobFilter.LongestText }) return NotUnderstood($"q has at most {JobFilter.LongestText} characters.");
        if (limit is < 1 or > JobFilter.LargestPage) return NotUnderstood($"limit is a number from 1 to {JobFilter.LargestPage}.");
        var after = JobCursor.Parse(cursor);
        if (cursor is not null && after is null) return NotUnderstood("cursor is what the page before gave as next.");
        return Results.Ok(await desk.ListAsync(new JobFilter(states, code, string.IsNullOrWhiteSpace(q) ? null : q.Trim(), after, limit ?? JobFilter.UsualPage), cancellation));
    }

    private static async Task<IResult> FindAsync(string id, bool? email, HttpContext context, IOperatorDesk desk, CancellationToken cancellation)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (email == true && !context.User.May(OperatorRole.Operator))
            return Problems.Result(StatusCodes.Status403Forbidden, ErrorCodes.RoleTooSmall, "Viewers do not see customers' addresses.");
        return JobId.TryParse(id, out var job) && await desk.FindAsync(job, email == true, cancellation) is { } dossier
            ? Results.Ok(dossier)
            : Answer("", VerbOutcome.NoSuchJob);
    }

    private static async Task<IResult> DoAsync(Verb verb, string id, HttpContext context, IOperatorDesk desk, CancellationToken cancellation)
    {
        if (!JobId.TryParse(id, out var job)) return Answer(verb, VerbOutcome.NoSuchJob);
        var (request, problem) = Read(verb, job, await ReadFormAsync(context, cancellation), context.User);
        return request is null
            ? Problems.Result(StatusCodes.Status422UnprocessableEntity, ErrorCodes.RequestNotUnderstood, problem!)
            : Answer(verb, await desk.DoAsync(request, cancellation));
    }

    /// <summary>Null when there is none that can be understood.</summary>
    internal static async Task<VerbForm?> ReadFormAsync(HttpContext context, CancellationToken cancellation)
    {
        try
        {
            return context.Request.HasJsonContentType() ? await context.Request.ReadFromJsonAsync<VerbForm>(Json.Options, cancellation) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The reason, or what is wrong with it.</summary>
    internal static (string? Reason, string? Problem) ReasonOf(VerbForm? form)
    {
        if (form is null) return (null, "Send a JSON object with a reason (Content-Type: application/json).");
        var reason = form.Reason?.Trim();
        return reason is { Length: > 0 and <= VerbRequest.LongestReason } ? (reason, null) : (null, $"reason says why, in 1 to {VerbRequest.LongestReason} characters.");
    }

    /// <summary>The request, or what is wrong with the form.</summary>
    public static (VerbRequest? Request, string? Problem) Read(Verb verb, JobId job, VerbForm? form, ClaimsPrincipal user) => Read(verb, job, form, Actor.Of(user));

    /// <summary>The same for whoever is known already.</summary>
    public static (VerbRequest? Request, string? Problem) Read(Verb verb, JobId job, VerbForm? form, Actor who)
    {
        var (reason, problem) = ReasonOf(form);
        if (reason is null) return (null, problem);
        if (string.IsNullOrEmpty(form!.From)) return (new VerbRequest(verb, job, who, reason), null);
        if (verb != Verb.Resume) return (null, "from belongs to resume only.");
        return JobStates.TryParse(form.From, out var from)
            ? (new VerbRequest(verb, job, who, reason, from), null)
            : (null, "from is the state in which the job failed, or provisioning_vps for a new server.");
    }

    private static IResult Answer(Verb verb, VerbOutcome outcome) => Answer(verb.Word(), outcome);

    internal static IResult Answer(string verb, VerbOutcome outcome) => outcome switch
    {
        VerbOutcome.Done done => Results.Json(new VerbAnswer(verb, AuditOutcome.Done, done.Detail, done.Token), statusCode: StatusCodes.Status202Accepted),
        VerbOutcome.Already already => Results.Ok(new VerbAnswer(verb, AuditOutcome.Already, already.Detail, null)),
        VerbOutcome.Refused refused => Problems.Result(refused.Status, refused.Code, refused.Detail),
        _ => throw new InvalidOperationException("an outcome that nobody knows"),
    };

    private static IResult NotUnderstood(string detail) => Problems.Result(StatusCodes.Status400BadRequest, ErrorCodes.RequestNotUnderstood, detail);
}

/// <param name="Reason">Why; kept in the audit log.</param>
/// <param name="From">For resume: the state in which the job failed, or <c>provisioning_vps</c> for a new server.</param>
public sealed record VerbForm(string? Reason, string? From = null);

/// <param name="Outcome"><c>done</c>, or <c>already</c> when nothing had to be changed.</param>
/// <param name="Token">The new callback token, shown this once.</param>
public sealed record VerbAnswer(string Verb, string Outcome, string Detail, string? Token);
