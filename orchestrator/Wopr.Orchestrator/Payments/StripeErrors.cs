using System.Collections.Frozen;
using Wopr.Platform.Http;
using Wopr.Provisioning.Ports;
using Wopr.Support;

namespace Wopr.Payments;

/// <summary>The closed table of what Stripe refuses with: status and code, never the message. What stands in no row is decided by its status.</summary>
internal sealed class StripeErrors : IErrorTable
{
    /// <summary>The money went back already; nothing is left to do.</summary>
    public const string AlreadyRefunded = "charge_already_refunded";

    private static readonly ErrorRow Wrong = new(ErrorCodes.PaymentProviderRefused, Retry.Never);
    private static readonly ErrorRow NoAccess = new(ErrorCodes.PaymentKeyRefused, Retry.Never);
    private static readonly ErrorRow TooFast = new(ErrorCodes.PaymentProviderRateLimited, Retry.Later, Soon: true);
    private static readonly ErrorRow Passing = new(ErrorCodes.PaymentProviderUnavailable, Retry.Later, Soon: true, EffectUnknown: true);
    private static readonly ErrorRow Failed = new(ErrorCodes.PaymentProviderUnavailable, Retry.Later, EffectUnknown: true);

    private static readonly FrozenDictionary<(int Status, string Code), ErrorRow> Rows = new Dictionary<(int, string), ErrorRow>
    {
        [(400, AlreadyRefunded)] = Wrong,
        [(400, "parameter_invalid_integer")] = Wrong,
        [(400, "parameter_missing")] = Wrong,
        [(400, "resource_missing")] = Wrong,
        [(404, "resource_missing")] = Wrong,
        // The balance is empty for now; the next payment fills it.
        [(400, "insufficient_funds")] = Failed,
        [(400, "balance_insufficient")] = Failed,
        // The same request is under way somewhere else.
        [(409, "idempotency_key_in_use")] = Passing,
        [(400, "lock_timeout")] = Passing,
        [(429, "lock_timeout")] = Passing,
        [(429, "rate_limit")] = TooFast,
    }.ToFrozenDictionary();

    public static StripeErrors Table { get; } = new();

    public ErrorCode Unavailable => ErrorCodes.PaymentProviderUnavailable;

    public ErrorCode TokenRefused => ErrorCodes.PaymentKeyRefused;

    public ErrorCode RateLimited => ErrorCodes.PaymentProviderRateLimited;

    public Verdict Read(string operation, int status, ReadOnlySpan<byte> body)
    {
        var error = WireJson.TryRead(body, StripeJson.Default.StripeErrorBody)?.Error;
        var code = error?.Code ?? error?.Type ?? "";
        return new Verdict(code, error?.Message ?? "", Rows.GetValueOrDefault((status, code)) ?? ByStatus(status));
    }

    private static ErrorRow ByStatus(int status) => status switch
    {
        401 or 403 => NoAccess,
        408 or 409 or 502 or 503 or 504 => Passing,
        429 => TooFast,
        >= 400 and < 500 => Wrong,
        _ => Failed,
    };
}
