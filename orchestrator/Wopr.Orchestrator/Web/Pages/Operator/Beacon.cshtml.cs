using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Wopr.Beacons;
using Wopr.Provisioning;

namespace Wopr.Web.Pages.Operator;

/// <summary>One finished beacon as its agent told of it last, and the plans that it was given.</summary>
public sealed class BeaconModel(BeaconList beacons, TimeProvider time) : OperatorPage
{
    // Caddy renews at a third of ninety days.
    private const int SoonDays = 21;

    public BeaconDossier Dossier { get; private set; } = null!;

    public async Task<IActionResult> OnGetAsync(string id, CancellationToken cancellation)
    {
        if (!JobId.TryParse(id, out var job) || await beacons.FindAsync(job, cancellation) is not { } dossier) return NotFound();
        Dossier = dossier;
        return Page();
    }

    public int DaysLeft(CertificateLife certificate) => (int)Math.Floor((certificate.NotAfter - time.GetUtcNow()).TotalDays);

    public bool EndsSoon(CertificateLife certificate) => DaysLeft(certificate) < SoonDays;

    /// <summary>As <c>48.8 of 74.2 GB free</c>.</summary>
    public static string Words(Room room) => string.Create(CultureInfo.InvariantCulture, $"{room.FreeMb / 1024d:0.0} of {room.TotalMb / 1024d:0.0} GB free");
}
