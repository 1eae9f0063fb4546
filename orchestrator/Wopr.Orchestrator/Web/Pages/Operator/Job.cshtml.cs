using Microsoft.AspNetCore.Mvc;
using Wopr.Provisioning;

namespace Wopr.Web.Pages.Operator;

/// <summary>One job with its whole timeline.</summary>
public sealed class JobModel(IJobViews jobs, IOperatorSignIn signIn) : OperatorPage(signIn)
{
    public JobView Job { get; private set; } = null!;

    public async Task<IActionResult> OnGetAsync(string id, CancellationToken cancellation)
    {
        if (!JobId.TryParse(id, out var job) || await jobs.FindAsync(job, cancellation) is not { } view) return NotFound();
        Job = view;
        return Page();
    }
}
