using Microsoft.AspNetCore.Mvc;
using Wopr.Operators;
using Wopr.Operators.Boards;
using Wopr.Operators.SignIn;
using Wopr.Platform.Work;

namespace Wopr.Web.Pages.Operator;

/// <summary>What there is to do, who does it, what was set aside, and how many provider calls are left.</summary>
public sealed class QueueModel(QueueBoard board, QuarantinedWork quarantine) : OperatorPage
{
    public QueueView View { get; private set; } = null!;

    /// <summary>What came of a release.</summary>
    public string? Told { get; private set; }

    public async Task OnGetAsync(CancellationToken cancellation) => View = await board.ReadAsync(cancellation);

    /// <summary>Lets work out of quarantine.</summary>
    public async Task<IActionResult> OnPostAsync([FromForm] string? kind, [FromForm] Guid subject, [FromForm] string? reason, CancellationToken cancellation)
    {
        if (!May(OperatorRole.Operator)) return Forbid();
        Told = kind is null || reason?.Trim() is not { Length: > 0 and <= VerbRequest.LongestReason } why
            ? "Nothing was done: say why."
            : (await quarantine.ReleaseAsync(new WorkKey(kind, subject), Operator, why, cancellation)) switch
            {
                VerbOutcome.Done done => done.Detail,
                VerbOutcome.Already already => already.Detail,
                VerbOutcome.Refused refused => refused.Detail,
                _ => null,
            };
        View = await board.ReadAsync(cancellation);
        return Page();
    }
}
