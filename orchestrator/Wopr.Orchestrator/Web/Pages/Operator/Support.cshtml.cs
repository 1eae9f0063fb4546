using Microsoft.AspNetCore.Mvc;
using Wopr.Operators;
using Wopr.Operators.SignIn;
using Wopr.Provisioning;
using Wopr.Support;
using Wopr.Support.Remedies;
using Wopr.Support.Tickets;

namespace Wopr.Web.Pages.Operator;

/// <summary>What the support tier asks of humans: remedies that wait for a yes or no, and tickets.</summary>
public sealed class SupportModel(RemedyDesk desk, RemedyRuns runs, Tickets tickets) : OperatorPage
{
    private const int Most = 50;

    // Each is looked at anew at the providers.
    private const int MostProposals = 20;

    /// <summary>Proposals, each with what it would do now.</summary>
    public IReadOnlyList<(RemedyRun Run, RemedyOutcome Look)> Proposals { get; private set; } = [];

    public IReadOnlyList<RemedyRun> Past { get; private set; } = [];

    public IReadOnlyList<Ticket> Tickets { get; private set; } = [];

    /// <summary>What came of a decision.</summary>
    public string? Told { get; private set; }

    /// <summary>A new callback token, shown in this one answer.</summary>
    public string? Secret { get; private set; }

    public Task OnGetAsync(CancellationToken cancellation) => ReadAsync(cancellation);

    public async Task<IActionResult> OnPostDecideAsync([FromForm] Guid run, [FromForm] bool approve, [FromForm] string? reason, CancellationToken cancellation)
    {
        if (!May(OperatorRole.Operator)) return Forbid();
        Response.Headers.CacheControl = "no-store";
        if (Reason(reason) is not { } why) Told = "Nothing was done: say why.";
        else Tell(await desk.DecideAsync(run, approve, Operator, why, cancellation));
        await ReadAsync(cancellation);
        return Page();
    }

    public async Task<IActionResult> OnPostCloseAsync([FromForm] long ticket, [FromForm] string? reason, CancellationToken cancellation)
    {
        if (!May(OperatorRole.Operator)) return Forbid();
        Told = Reason(reason) is not { } why ? "Nothing was done: say why."
            : await tickets.CloseAsync(ticket, why, Operator, cancellation) ? $"Ticket {ticket} is closed."
            : "There is no open ticket of this number.";
        await ReadAsync(cancellation);
        return Page();
    }

    private void Tell(RemedyOutcome? outcome)
    {
        Told = outcome switch
        {
            RemedyOutcome.Taken taken => $"{taken.Run.Remedy}: {Wording.Plain(taken.Run.Status)}. {taken.Run.Detail}".TrimEnd(),
            RemedyOutcome.Refused refused => refused.Detail,
            _ => "There is no such proposal, or it was decided already.",
        };
        Secret = (outcome as RemedyOutcome.Taken)?.Secret;
    }

    private async Task ReadAsync(CancellationToken cancellation)
    {
        var open = await runs.ListAsync(null, openOnly: true, Most, cancellation);
        var proposals = new List<(RemedyRun, RemedyOutcome)>();
        foreach (var run in open.Where(r => r.Status == RunStatus.Proposed).Take(MostProposals)) proposals.Add((run, await desk.LookAsync(WishOf(run), cancellation)));
        Proposals = proposals;
        Past = [.. (await runs.ListAsync(null, openOnly: false, Most, cancellation)).Where(r => r.Status != RunStatus.Proposed)];
        Tickets = await tickets.ListAsync(openOnly: true, Most, cancellation);
    }

    private RemedyWish WishOf(RemedyRun run) => new(
        run.Remedy, run.JobId is { } job ? new JobId(job) : null, ErrorCode.TryParse(run.Code, out var code) ? code : null, Operator, IsHuman: true, run.Reason);

    private static string? Reason(string? text) => text?.Trim() is { Length: > 0 and <= VerbRequest.LongestReason } reason ? reason : null;
}
