using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Wopr.Beacons;
using Wopr.Operators;
using Wopr.Operators.SignIn;
using Wopr.Provisioning;

namespace Wopr.Web.Pages.Operator;

/// <summary>One finished beacon as its agent told of it last, and the plans that it was given.</summary>
public sealed class BeaconModel(BeaconList beacons, FirstSignIns signIns, TimeProvider time) : OperatorPage
{
    // Caddy renews at a third of ninety days.
    private const int SoonDays = 21;

    public BeaconDossier Dossier { get; private set; } = null!;

    public FirstSignInState FirstSignIn { get; private set; }

    /// <summary>What came of letting the customer ask again.</summary>
    public string? Told { get; private set; }

    public async Task<IActionResult> OnGetAsync(string id, CancellationToken cancellation)
    {
        if (!JobId.TryParse(id, out var job) || await beacons.FindAsync(job, cancellation) is not { } dossier) return NotFound();
        Dossier = dossier;
        FirstSignIn = await signIns.StateAsync(job, cancellation);
        return Page();
    }

    /// <summary>Lets the customer ask once more for the link of the first account.</summary>
    public async Task<IActionResult> OnPostAsync(string id, [FromForm] string? reason, [FromForm] string? sure, CancellationToken cancellation)
    {
        if (!May(OperatorRole.Operator)) return Forbid();
        if (!JobId.TryParse(id, out var job)) return NotFound();
        if (sure == "yes" && reason?.Trim() is { Length: > 0 and <= VerbRequest.LongestReason } why)
            Told = await signIns.OpenAsync(job, Operator, why, cancellation) ? "The setup page offers the link for a day." : "Nothing was done: this beacon has no agent that could make a link.";
        else
            Told = "Nothing was done: say why, and tick the box.";
        return await OnGetAsync(id, cancellation);
    }

    public int DaysLeft(CertificateLife certificate) => (int)Math.Floor((certificate.NotAfter - time.GetUtcNow()).TotalDays);

    public bool EndsSoon(CertificateLife certificate) => DaysLeft(certificate) < SoonDays;

    /// <summary>As <c>48.8 of 74.2 GB free</c>.</summary>
    public static string Words(Room room) => string.Create(CultureInfo.InvariantCulture, $"{room.FreeMb / 1024d:0.0} of {room.TotalMb / 1024d:0.0} GB free");
}
