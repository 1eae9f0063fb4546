using System.Globalization;
using Wopr.Modules;
using Wopr.Platform;
using Wopr.Support;
using Wopr.Web;

namespace Wopr.Checkout;

/// <summary>The shop page's side of the checkout: the same catalogue and the same desk as the API's.</summary>
public sealed class Shop(Catalogue catalogue, ModuleCatalogue modules, Availability availability, OrderDesk desk, Settings settings) : IShop
{
    public async Task<ShopView> ViewAsync(CancellationToken cancellation) => new(
        settings.ShopOpen,
        catalogue.Currency,
        [.. catalogue.StorageTiers.Select(t => new ShopTier(t.Tier, t.StorageGb, t.MemoryGb, t.Users, t.BackupDays))],
        [.. catalogue.Bundles.Select(b => new ShopBundle(b.Id, b.Name, b.Kind == "suite", b.Summary, b.Modules, b.MonthlyCents, modules.CanDeliver(b.Modules)))],
        [.. (await availability.LocationsAsync(cancellation)).Select(l => new ShopLocation(l.Location.Name, l.Location.City, l.Location.Country, l.SoldOut)
        {
            SoldOutTiers = l.SoldOutTiers,
            Instead = l.Instead?.City,
        })]);

    public async Task<ShopOutcome> PlaceAsync(ShopForm form, string idempotencyKey, CancellationToken cancellation)
    {
        if (!settings.ShopOpen) return Refused("", ErrorCodes.PaymentNotConfigured, "Nothing can be bought here yet: no payment provider is configured.");
        var order = new OrderForm
        {
            Bundle = form.Bundle,
            Tier = int.TryParse(form.Tier, NumberStyles.None, CultureInfo.InvariantCulture, out var tier) ? tier : null,
            Location = form.Location,
            BeaconName = form.BeaconName,
            Email = form.Email,
            // Whoever orders on the page sees where they pay; programs in the sandbox need not.
            Payment = settings.Payments is null ? null : OrderParser.Hosted,
        };
        var (outcome, problems) = await desk.PlaceAsync(order, OrderSource.Checkout, idempotencyKey, cancellation);
        return outcome switch
        {
            IntakeOutcome.Accepted accepted => new ShopOutcome.Placed(accepted.Job),
            IntakeOutcome.ToPay toPay => new ShopOutcome.Placed(toPay.Id, toPay.Page),
            IntakeOutcome.Refused refused => Refused(FieldOf(refused.Code), refused.Code, refused.Detail),
            _ => new ShopOutcome.Refused([.. problems.Select(p => new ShopProblem(p.Field, p.Code, p.Detail))]),
        };
    }

    private static string FieldOf(ErrorCode code) =>
        code == ErrorCodes.BeaconNameTaken ? "beacon_name"
        : code == ErrorCodes.SoldOut || code == ErrorCodes.ServerTypeNotFound ? "location"
        : "";

    private static ShopOutcome.Refused Refused(string field, ErrorCode code, string detail) => new([new ShopProblem(field, code, detail)]);
}
