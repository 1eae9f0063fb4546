using System.Collections.Concurrent;
using Wopr.Payments;
using Wopr.Provisioning;
using Wopr.Provisioning.Ports;
using Wopr.Support;

namespace Wopr.Orchestrator.Tests.Payments;

/// <summary>A payment provider with books of its own, which can lose answers and be away.</summary>
internal sealed class FakePayments : IPaymentProvider
{
    public ConcurrentDictionary<JobId, PaymentSession> Sessions { get; } = new();

    /// <summary>What went back, by payment; how often it was really done.</summary>
    public ConcurrentDictionary<string, int> Refunded { get; } = new();

    /// <summary>So many refunds are made, and nobody is told.</summary>
    public int LoseAnswers { get; set; }

    public ErrorCode? Refuses { get; set; }

    public Task<ProviderResult<PaymentSession>> OpenAsync(PaymentRequest request, CancellationToken cancellation) => Answer(
        Sessions.GetOrAdd(request.Checkout, id => new PaymentSession($"cs_{id}", SessionState.Open, new Uri($"https://pay.example/{id}"), null)));

    public Task<ProviderResult<PaymentSession>> FindAsync(string sessionId, CancellationToken cancellation) => Answer(Sessions.Values.Single(s => s.Id == sessionId));

    public Task<ProviderResult<PaymentSession>> CloseAsync(string sessionId, CancellationToken cancellation)
    {
        var (id, session) = Sessions.Single(s => s.Value.Id == sessionId);
        return Answer(Sessions[id] = session with { State = SessionState.Expired, Page = null });
    }

    public Task<ProviderResult<ProviderRefund>> RefundAsync(JobId id, string paymentId, CancellationToken cancellation)
    {
        if (Refuses is { } code) return Task.FromResult<ProviderResult<ProviderRefund>>(Failure(code, Retry.Never));
        Refunded.AddOrUpdate(paymentId, 1, (_, count) => count + 1);
        return LoseAnswers-- > 0
            ? Task.FromResult<ProviderResult<ProviderRefund>>(Failure(ErrorCodes.PaymentProviderUnavailable, Retry.Later))
            : Task.FromResult<ProviderResult<ProviderRefund>>(new ProviderRefund($"re_{paymentId}", Failed: false));
    }

    public Task<ProviderResult<ProviderRefund?>> FindRefundAsync(JobId id, string paymentId, CancellationToken cancellation) =>
        Task.FromResult(ProviderResult<ProviderRefund?>.Success(Refunded.ContainsKey(paymentId) ? new ProviderRefund($"re_{paymentId}", Failed: false) : null));

    private static ProviderFailure Failure(ErrorCode code, Retry retry) => new("stripe", 0, "", "scripted", code, retry);

    private static Task<ProviderResult<PaymentSession>> Answer(PaymentSession session) => Task.FromResult<ProviderResult<PaymentSession>>(session);
}
