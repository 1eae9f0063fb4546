using Microsoft.AspNetCore.Mvc;
using Npgsql;
using Wopr.Operators.SignIn;
using Wopr.Platform;
using Wopr.Sweep;

namespace Wopr.Web.Pages.Operator;

/// <summary>What is left behind at the providers, and what it costs.</summary>
public sealed class OrphansModel(OrphanStore orphans, Settings settings, NpgsqlDataSource database) : OperatorPage
{
    public OrphanList List { get; private set; } = null!;

    public bool All { get; private set; }

    public bool Asked { get; private set; }

    public async Task OnGetAsync(bool all, bool asked, CancellationToken cancellation)
    {
        (All, Asked) = (all, asked);
        List = await OrphanEndpoints.ReadAsync(orphans, settings, all, cancellation);
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        if (!May(OperatorRole.Operator)) return Forbid();
        await OrphanEndpoints.AskAsync(database, Operator, cancellation);
        return LocalRedirect("/operator/orphans?asked=true");
    }
}
