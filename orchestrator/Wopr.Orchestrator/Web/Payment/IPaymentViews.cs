using Wopr.Provisioning;

namespace Wopr.Web;

/// <summary>What the payment page needs of the checkouts.</summary>
public interface IPaymentViews
{
    /// <summary>One checkout as whoever holds its id may see it, or null.</summary>
    /// <param name="returning">The customer comes from the payment provider and says to have paid.</param>
    Task<PaymentView?> FindAsync(JobId id, bool returning, CancellationToken cancellation);
}

/// <param name="State"><c>open</c>, <c>paid</c>, <c>closed</c> or <c>returned</c>.</param>
/// <param name="Page">Where to pay; null once nobody can.</param>
/// <param name="Left">How long the beacon's name is still held.</param>
public sealed record PaymentView(JobId Id, string State, string BeaconName, int Cents, string Currency, Uri? Page, TimeSpan Left);
