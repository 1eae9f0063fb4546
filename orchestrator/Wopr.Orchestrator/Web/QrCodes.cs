using QRCoder;
using Wopr.Provisioning;

namespace Wopr.Web;

/// <summary>A finished beacon's address as a picture for a phone's camera.</summary>
public static class QrCodes
{
    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/setup/{id}/qr.svg", async (string id, IJobViews jobs, CancellationToken cancellation) =>
            JobId.TryParse(id, out var job) && await jobs.FindAsync(job, cancellation) is { State: "completed" } view
                ? Results.Text(Svg(view.Beacon.Url), "image/svg+xml")
                : Results.NotFound())
            .AllowAnonymous().ExcludeFromDescription();

    /// <summary>Dark on white whatever the page's colours are: cameras want it so.</summary>
    private static string Svg(string text)
    {
        using var generator = new QRCodeGenerator();
        using var data = generator.CreateQrCode(text, QRCodeGenerator.ECCLevel.M);
        using var code = new SvgQRCode(data);
        return code.GetGraphic(new System.Drawing.Size(160, 160), "#1b2430", "#ffffff", drawQuietZones: true, SvgQRCode.SizingMode.ViewBoxAttribute);
    }
}
