using Wopr.Audit;
using Wopr.Operators;
using Wopr.Platform.OpenApi;
using Wopr.Provisioning;
using Wopr.Support.Diagnosis;
using Wopr.Support.Keys;

namespace Wopr.Support.Tickets;

public static class TicketEndpoints
{
    public static IServiceCollection AddTickets(this IServiceCollection services) => services.AddSingleton<Tickets>().AddSingleton<Bundles>();

    public static void MapTickets(this IEndpointRouteBuilder app)
    {
        app.MapPost("/api/support/tickets", TakeAsync).RequireAuthorization(ScopeRequirement.Policy(SupportScope.Ticket)).WithTags("Support")
            .Named("openTicket", "Opens a ticket for a human, or counts up the open one of the same cause")
            .Takes(new TicketForm("beacon", "nothing answers since noon", "VERIFY-001", JobExamples.Job.ToString())).Answers(new TicketView(3, "P1", JobExamples.Morning, 1, true, null)).Refuses(422, ErrorCodes.RequestNotUnderstood);
        app.MapGet("/api/support/jobs/{id}/bundle.tar.gz", BundleAsync).RequireAuthorization(ScopeRequirement.Policy(SupportScope.Ticket)).WithTags("Support")
            .Named("collectBundle", "Everything about a job that a human needs, without secrets and personal data").AnswersRaw(200, "application/gzip").Refuses(404, ErrorCodes.NotFound);
        var operators = app.MapGroup("/api/operator/tickets").RequireAuthorization(OperatorKeys.Policy).WithTags("Operators");
        operators.MapGet("", async (Tickets tickets, bool? open, int? limit, CancellationToken cancellation) => Results.Ok(new TicketList(await tickets.ListAsync(open != false, limit ?? 50, cancellation)))).Named("listTickets", "Tickets, the most urgent first; with ?open=false closed ones too")
            .Answers(new TicketList([new Ticket { Id = 3, Cause = "VERIFY-001:all", Severity = "P1", Summary = "nothing answers", Count = 1, OpenedBy = "night shift" }]));
        operators.MapPost("/{id:long}/close", CloseAsync).Named("closeTicket", "Closes a ticket, with a reason").Takes(new TicketClosing("put right")).AnswersRaw(204).Refuses(404, ErrorCodes.NotFound).Refuses(422, ErrorCodes.RequestNotUnderstood);
    }

    /// <summary>The ticket as its parts say it, or what is wrong with them.</summary>
    public static async Task<(TicketView? Ticket, string? Problem)> OpenAsync(TicketForm form, Actor who, Tickets tickets, CancellationToken cancellation)
    {
        if (form.Summary?.Length is null or > Tickets.LongestSummary || LogText.Harmless(form.Summary) is not { Length: > 0 } summary) return (null, $"summary says what is wrong, in 1 to {Tickets.LongestSummary} characters.");
        if (!AffectedWords.TryParse(form.Affected, out var affected)) return (null, $"affected is one of {string.Join(", ", AffectedWords.All)}.");
        JobId? job = null;
        if (!string.IsNullOrWhiteSpace(form.Job))
        {
            if (!JobId.TryParse(form.Job.Trim(), out var parsed)) return (null, "job is the id of a job.");
            job = parsed;
        }
        ErrorCode? code = null;
        if (!string.IsNullOrWhiteSpace(form.Code))
        {
            if (!ErrorCode.TryParse(form.Code.Trim().ToUpperInvariant(), out var parsed)) return (null, "code is an error code such as VPS-001.");
            code = parsed;
        }
        try
        {
            var (ticket, isNew) = await tickets.OpenAsync(affected, code, job, summary, who, cancellation);
            return (new TicketView(ticket.Id, ticket.Severity, ticket.RespondBy, ticket.Count, isNew, job is null ? null : $"/api/support/jobs/{job}/bundle.tar.gz"), null);
        }
        catch (Npgsql.PostgresException unknown) when (unknown.SqlState == Npgsql.PostgresErrorCodes.ForeignKeyViolation)
        {
            return (null, "There is no job with this id.");
        }
    }

    private static async Task<IResult> TakeAsync(TicketForm form, HttpContext context, Tickets tickets, CancellationToken cancellation)
    {
        var (ticket, problem) = await OpenAsync(form, Actor.Of(context.User), tickets, cancellation);
        return ticket is null ? SupportDesk.Wrong(problem!) : Results.Ok(ticket);
    }

    private static async Task<IResult> BundleAsync(string id, HttpContext context, Bundles bundles, AuditLog audit, CancellationToken cancellation)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (!JobId.TryParse(id, out var job) || await bundles.CollectAsync(job, cancellation) is not { } files) return SupportDesk.NoSuchJob();
        await audit.AppendAsync(new AuditEntry(Actor.Of(context.User), "collect-bundle", job, AuditEntry.NoReason, AuditOutcome.Done), cancellation);
        return Results.File(Bundles.Pack(job, files), "application/gzip", $"wopr-{job}.tar.gz");
    }

    private static async Task<IResult> CloseAsync(long id, TicketClosing form, HttpContext context, Tickets tickets, CancellationToken cancellation)
    {
        if (form.Reason?.Length is null or > 500 || LogText.Harmless(form.Reason) is not { Length: > 0 } reason) return SupportDesk.Wrong("reason says why, in 1 to 500 characters.");
        return await tickets.CloseAsync(id, reason, Actor.Of(context.User), cancellation)
            ? Results.NoContent()
            : Problems.Result(StatusCodes.Status404NotFound, ErrorCodes.NotFound, "There is no open ticket of this number.");
    }
}

public static class AffectedWords
{
    public static IReadOnlyList<string> All { get; } = [.. Enum.GetValues<Affected>().Select(Word)];

    public static string Word(Affected affected) => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(affected.ToString());

    public static bool TryParse(string? word, out Affected affected)
    {
        var index = word is null ? -1 : All.ToList().IndexOf(word.Trim());
        affected = index < 0 ? default : Enum.GetValues<Affected>()[index];
        return index >= 0;
    }
}

/// <param name="Affected">What is affected; it makes the severity: <c>all_customers</c>, <c>security</c>, <c>data</c>: P0; <c>beacon</c>, <c>order</c>: P1; <c>application</c>, <c>mail</c>: P2; <c>question</c>: P3.</param>
public sealed record TicketForm(string? Affected, string? Summary, string? Code, string? Job);

/// <param name="RespondBy">When somebody will have answered.</param>
/// <param name="Count">How often it was opened while open.</param>
public sealed record TicketView(long Ticket, string Severity, DateTimeOffset RespondBy, int Count, bool IsNew, string? Bundle);

public sealed record TicketList(IReadOnlyList<Ticket> Tickets);

public sealed record TicketClosing(string? Reason);
