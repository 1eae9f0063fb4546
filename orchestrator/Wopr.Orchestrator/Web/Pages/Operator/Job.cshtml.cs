using Microsoft.AspNetCore.Mvc;
using Wopr.Audit;
using Wopr.Operators;
using Wopr.Operators.SignIn;
using Wopr.Provisioning;
using Wopr.Support;

namespace Wopr.Web.Pages.Operator;

/// <summary>One job with everything about it, and the verbs, each with a confirmation and a reason.</summary>
public sealed class JobModel(IOperatorDesk desk, ErrorCatalogue errors) : OperatorPage
{
    public JobDossier Dossier { get; private set; } = null!;

    public string? ErrorTitle => ErrorCode.TryParse(Dossier.Job.ErrorCode, out var code) ? errors.Find(code)?.Title : null;

    /// <summary>What came of the verb that was sent just now.</summary>
    public AuditRow? Told { get; private set; }

    /// <summary>A new callback token, in this one answer only.</summary>
    public string? Token { get; private set; }

    public string? Problem { get; private set; }

    /// <summary>Whether each run of a step and each provider call is shown.</summary>
    [BindProperty(SupportsGet = true, Name = "tries")] public bool Tries { get; set; }

    public IReadOnlyList<HistoryLine> History => JobHistory.Of(Dossier, Tries);

    public async Task<IActionResult> OnGetAsync(string id, bool told, CancellationToken cancellation)
    {
        if (!await LoadAsync(id, cancellation)) return NotFound();
        if (told && Dossier.Audit.Count > 0) Told = Dossier.Audit[0];
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(
        string id, [FromForm] string? verb, [FromForm] string? reason, [FromForm] string? from, [FromForm] string? sure, CancellationToken cancellation)
    {
        if (!JobId.TryParse(id, out var job)) return NotFound();
        if (!Verbs.TryParse(verb, out var wanted)) return BadRequest();
        if (!May(wanted.Needs())) return Forbid();
        var (request, problem) = OperatorEndpoints.Read(wanted, job, new VerbForm(reason, wanted == Verb.Resume ? from : null), Operator);
        if (sure != "yes") problem = "Tick the box to say that you mean it.";
        if (request is null || problem is not null) return await ShowAsync(id, StatusCodes.Status422UnprocessableEntity, problem, cancellation);
        switch (await desk.DoAsync(request, cancellation))
        {
            case VerbOutcome.Done { Token: { } token }:
                // Not behind a redirect: it is shown in this answer and nowhere else.
                Token = token;
                return await ShowAsync(id, StatusCodes.Status200OK, null, cancellation);
            case VerbOutcome.Refused { Status: StatusCodes.Status404NotFound }:
                return NotFound();
            default:
                return LocalRedirect($"/operator/jobs/{job}?told=true");
        }
    }

    public async Task<IActionResult> OnPostPurgeAsync(string id, [FromForm] string? reason, [FromForm] string? sure, CancellationToken cancellation)
    {
        if (!May(OperatorRole.Operator)) return Forbid();
        if (!JobId.TryParse(id, out var job)) return NotFound();
        if (sure != "yes" || reason?.Trim() is not { Length: > 0 and <= VerbRequest.LongestReason } why)
            return await ShowAsync(id, StatusCodes.Status422UnprocessableEntity, "Say why, and tick the box to say that you mean it.", cancellation);
        return await desk.PurgeAsync(job, Operator, why, cancellation) is null ? NotFound() : LocalRedirect($"/operator/jobs/{job}?told=true");
    }

    /// <summary>The verb on its button.</summary>
    public static string Title(string verb) => verb switch
    {
        "cancel" => "Cancel",
        "resume" => "Resume",
        "retry-step" => "Run the step again",
        "decommission" => "Decommission",
        "rotate-token" => "Rotate the token",
        "resend-mail" => "Send the mail again",
        "purge-cache" => "Purge the cache",
        _ => verb,
    };

    /// <summary>What it does, said before it is done.</summary>
    public static string Consequence(string verb) => verb switch
    {
        "cancel" => "The job stops within seconds. Its server, address and names are removed, and it ends as cancelled. This cannot be undone.",
        "resume" => "The job goes on where it failed, with a fresh deadline. With a new server, the old one is removed first.",
        "retry-step" => "The step that the job waits in is run at once. It looks before it does anything twice.",
        "decommission" => "Everything of this beacon is removed, with all that is stored on it, and its name becomes free. This cannot be undone.",
        "rotate-token" => "The beacon’s reports get another token, which is shown once and has to be written onto the beacon. The present one stays good for a while.",
        "resend-mail" => "The last mail of this job is sent to the customer once more.",
        _ => "",
    };

    private async Task<IActionResult> ShowAsync(string id, int status, string? problem, CancellationToken cancellation)
    {
        if (!await LoadAsync(id, cancellation)) return NotFound();
        Problem = problem;
        Response.StatusCode = status;
        return Page();
    }

    private async Task<bool> LoadAsync(string id, CancellationToken cancellation)
    {
        if (!JobId.TryParse(id, out var job) || await desk.FindAsync(job, withEmail: false, cancellation) is not { } dossier) return false;
        Dossier = dossier;
        return true;
    }
}
