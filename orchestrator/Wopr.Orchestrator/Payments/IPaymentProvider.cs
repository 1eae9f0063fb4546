using Wopr.Provisioning;
using Wopr.Provisioning.Ports;

namespace Wopr.Payments;

/// <summary>Where customers pay. Every call may be repeated: the provider knows its own by the checkout's id.</summary>
public interface IPaymentProvider
{
    /// <summary>A page on which the customer pays; the same again for the same checkout.</summary>
    Task<ProviderResult<PaymentSession>> OpenAsync(PaymentRequest request, CancellationToken cancellation);

    Task<ProviderResult<PaymentSession>> FindAsync(string sessionId, CancellationToken cancellation);

    /// <summary>From now on nobody can pay there. Refused when somebody has.</summary>
    Task<ProviderResult<PaymentSession>> CloseAsync(string sessionId, CancellationToken cancellation);

    /// <summary>All of the money goes back; the same refund again for the same one.</summary>
    Task<ProviderResult<ProviderRefund>> RefundAsync(JobId id, string paymentId, CancellationToken cancellation);

    /// <summary>The refund that an earlier, unanswered call may have made.</summary>
    Task<ProviderResult<ProviderRefund?>> FindRefundAsync(JobId id, string paymentId, CancellationToken cancellation);
}

/// <param name="Product">What the customer sees that they pay for.</param>
/// <param name="Until">By the database's clock; the provider wants at least half an hour.</param>
public sealed record PaymentRequest(
    JobId Checkout, string Product, int Cents, string Currency, string Email, DateTimeOffset Until, Uri Success, Uri Cancel);

/// <param name="Page">Where to pay; null once nobody can.</param>
/// <param name="Payment">Null until it is paid.</param>
public sealed record PaymentSession(string Id, SessionState State, Uri? Page, Payment? Payment);

/// <summary><see cref="Processing"/>: the customer is through, the money is under way (bank transfers take days).</summary>
public enum SessionState { Open, Processing, Paid, Expired }

/// <summary>Money that has arrived.</summary>
/// <param name="Id">What a refund names.</param>
/// <param name="Currency">ISO 4217, in any case.</param>
public sealed record Payment(string Id, long Cents, string Currency);

/// <param name="Failed">True when the provider could not give the money back.</param>
public sealed record ProviderRefund(string Id, bool Failed);
