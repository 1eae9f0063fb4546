using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Wopr.Provisioning;

namespace Wopr.Web.Pages;

/// <summary>One job from order to beacon, for whoever holds its id.</summary>
public sealed class SetupModel(IJobViews jobs) : PageModel
{
    public JobView Job { get; private set; } = null!;

    /// <summary>How the page is coloured: <c>going</c>, <c>good</c>, <c>bad</c> or <c>ended</c>.</summary>
    public string Mood => Job.State switch
    {
        "completed" => "good",
        "failed" => "bad",
        "rolling_back" or "rolled_back" or "cancelled" => "ended",
        _ => "going",
    };

    public async Task<IActionResult> OnGetAsync(string id, CancellationToken cancellation)
    {
        Response.Headers["X-Robots-Tag"] = "noindex";
        if (!JobId.TryParse(id, out var job) || await jobs.FindAsync(job, cancellation) is not { } view) return NotFound();
        Job = view;
        return Page();
    }
}
