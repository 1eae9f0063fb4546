using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Npgsql;
using Wopr.Beacons;
using Wopr.Operators.Boards;
using Wopr.Operators.SignIn;

namespace Wopr.Web.Pages.Operator;

/// <summary>Finished beacons.</summary>
public sealed class BeaconsModel(BeaconBoard board, NpgsqlDataSource database) : OperatorPage
{
    public IReadOnlyList<BeaconFacts> Found { get; private set; } = [];

    public string? Next => Found.Count == BeaconBoard.Page ? Found[^1].ReadyAt?.UtcDateTime.ToString("O", CultureInfo.InvariantCulture) : null;

    public bool Asked { get; private set; }

    public async Task OnGetAsync(DateTimeOffset? before, bool asked, CancellationToken cancellation)
    {
        Asked = asked;
        Found = await board.ReadAsync(before, cancellation);
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        if (!May(OperatorRole.Operator)) return Forbid();
        await BeaconEndpoints.AskAsync(database, Operator, cancellation);
        return LocalRedirect("/operator/beacons?asked=true");
    }
}
