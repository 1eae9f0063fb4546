using Wopr.Provisioning;
using Wopr.Web;

namespace Wopr.Payments;

/// <summary>A checkout as the customer's payment page shows it.</summary>
public sealed class PaymentViews(Checkouts checkouts) : IPaymentViews
{
    public async Task<PaymentView?> FindAsync(JobId id, bool returning, CancellationToken cancellation)
    {
        if (await checkouts.FindAsync(id, cancellation) is not { } checkout) return null;
        if (returning && checkout.State == "open") await checkouts.AskSoonAsync(id, cancellation);
        return new PaymentView(id, checkout.State, checkout.BeaconName, checkout.PriceCents, checkout.Currency,
            checkout.Held ? checkout.Page : null, TimeSpan.FromSeconds(checkout.SecondsLeft));
    }
}
