using System.Globalization;
using Wopr.Platform.Http;
using Wopr.Platform.Http.Budget;
using Wopr.Provisioning;
using Wopr.Provisioning.Ports;

namespace Wopr.Payments;

/// <summary>
/// Stripe's hosted checkout (docs.stripe.com/api, version <see cref="Version"/>), and whatever speaks like it. Every
/// request that creates something carries an Idempotency-Key of the checkout's, so that it may be sent again freely.
/// </summary>
public sealed class StripePayments(ProviderTransport transport) : IPaymentProvider
{
    public const string Provider = "stripe";
    public const string Version = "2024-06-20";

    /// <summary>Under this name the checkout's id travels with a session, its payment, its charge and its refund.</summary>
    public const string CheckoutMark = "wopr_checkout";

    /// <summary>100 calls a second are allowed in live mode and 25 in test mode (docs.stripe.com/rate-limits); this stays below both.</summary>
    internal static ProviderProfile ProfileOf(Uri endpoint, ApiToken key) => new(Provider, endpoint, key, StripeErrors.Table, new BudgetAccount(
        $"{Provider}:{key.Fingerprint}", Capacity: 40, RefillPerSecond: 20, Reserve: 10, BlockWithoutRetryAfter: TimeSpan.FromSeconds(5)));

    public Task<ProviderResult<PaymentSession>> OpenAsync(PaymentRequest request, CancellationToken cancellation) =>
        SessionAsync(HttpMethod.Post, "sessions.create", "checkout/sessions", Form($"wopr-checkout-{request.Checkout}",
            ("mode", "payment"),
            ("client_reference_id", request.Checkout.ToString()),
            ("customer_email", request.Email),
            ("success_url", request.Success.ToString()),
            ("cancel_url", request.Cancel.ToString()),
            ("expires_at", request.Until.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)),
            ("line_items[0][quantity]", "1"),
            ("line_items[0][price_data][currency]", request.Currency.ToLowerInvariant()),
            ("line_items[0][price_data][unit_amount]", request.Cents.ToString(CultureInfo.InvariantCulture)),
            ("line_items[0][price_data][product_data][name]", request.Product),
            ($"metadata[{CheckoutMark}]", request.Checkout.ToString()),
            ($"payment_intent_data[metadata][{CheckoutMark}]", request.Checkout.ToString())), cancellation);

    public Task<ProviderResult<PaymentSession>> FindAsync(string sessionId, CancellationToken cancellation) =>
        SessionAsync(HttpMethod.Get, "sessions.get", $"checkout/sessions/{Uri.EscapeDataString(sessionId)}", content: null, cancellation);

    public Task<ProviderResult<PaymentSession>> CloseAsync(string sessionId, CancellationToken cancellation) =>
        SessionAsync(HttpMethod.Post, "sessions.expire", $"checkout/sessions/{Uri.EscapeDataString(sessionId)}/expire", Form(idempotencyKey: null), cancellation);

    public async Task<ProviderResult<ProviderRefund>> RefundAsync(JobId id, string paymentId, CancellationToken cancellation)
    {
        var answer = await transport.SendAsync(HttpMethod.Post, "refunds.create", "refunds", Repeat.Freely, Form($"wopr-refund-{id}",
            ("payment_intent", paymentId), ($"metadata[{CheckoutMark}]", id.ToString())), StripeJson.Default.RefundDto, cancellation);
        return answer.IsSuccess(out var refund, out var failure) ? Refund(refund) : failure;
    }

    public async Task<ProviderResult<ProviderRefund?>> FindRefundAsync(JobId id, string paymentId, CancellationToken cancellation)
    {
        var answer = await transport.GetAsync("refunds.list", $"refunds?payment_intent={Uri.EscapeDataString(paymentId)}&limit=100", StripeJson.Default.RefundListDto, cancellation);
        if (!answer.IsSuccess(out var list, out var failure)) return failure;
        var mine = list.Data?.FirstOrDefault(r => r.Metadata?.GetValueOrDefault(CheckoutMark) == id.ToString());
        return ProviderResult<ProviderRefund?>.Success(mine is null ? null : Refund(mine));
    }

    private async Task<ProviderResult<PaymentSession>> SessionAsync(HttpMethod method, string operation, string path, HttpContent? content, CancellationToken cancellation)
    {
        var answer = await transport.SendAsync(method, operation, path, Repeat.Freely, content, StripeJson.Default.SessionDto, cancellation);
        if (!answer.IsSuccess(out var session, out var failure)) return failure;
        var payment = session is { PaymentStatus: "paid", PaymentIntent: { } id, AmountTotal: { } cents, Currency: { } currency } ? new Payment(id, cents, currency) : null;
        var state = session.Status switch
        {
            "open" => SessionState.Open,
            "complete" => payment is null ? SessionState.Processing : SessionState.Paid,
            _ => SessionState.Expired,
        };
        return new PaymentSession(session.Id, state, Uri.TryCreate(session.Url, UriKind.Absolute, out var page) ? page : null, payment);
    }

    private static ProviderRefund Refund(RefundDto refund) => new(refund.Id, refund.Status is "failed" or "canceled");

    // The key goes with the content's headers, which travel with the request.
    private static FormUrlEncodedContent Form(string? idempotencyKey, params (string Name, string Value)[] fields)
    {
        var content = new FormUrlEncodedContent(fields.Select(f => KeyValuePair.Create(f.Name, f.Value)));
        if (idempotencyKey is not null) content.Headers.Add("Idempotency-Key", idempotencyKey);
        return content;
    }
}
