using System.Collections.Frozen;
using System.Globalization;
using Wopr.Platform.Http;
using Wopr.Provisioning.Ports;
using Wopr.Support;

namespace Wopr.Cloudflare;

/// <summary>
/// The closed table of everything Cloudflare refuses with: status and number, never the message. What stands in no row
/// is decided by its status alone.
/// </summary>
/// <remarks>Numbers as seen on the wire; where the status of a number changed over the years both stand here.</remarks>
internal sealed class CloudflareErrors : IErrorTable
{
    public const int RecordNotFound = 81044;

    private static readonly ErrorRow Wrong = new(ErrorCodes.CloudflareRequestRefused, Retry.Never);
    private static readonly ErrorRow NoAccess = new(ErrorCodes.CloudflareTokenRefused, Retry.Never);
    private static readonly ErrorRow NoZone = new(ErrorCodes.ZoneNotFound, Retry.Never);
    private static readonly ErrorRow Stale = new(ErrorCodes.CloudflareRequestRefused, Retry.LookFirst);
    private static readonly ErrorRow Identical = new(ErrorCodes.RecordExists, Retry.LookFirst);
    private static readonly ErrorRow Clash = new(ErrorCodes.ForeignRecord, Retry.LookFirst);
    private static readonly ErrorRow TooFast = new(ErrorCodes.CloudflareRateLimited, Retry.Later, Soon: true);
    private static readonly ErrorRow Failed = new(ErrorCodes.CloudflareUnavailable, Retry.Later, EffectUnknown: true);
    private static readonly ErrorRow Passing = new(ErrorCodes.CloudflareUnavailable, Retry.Later, Soon: true, EffectUnknown: true);

    private static readonly FrozenDictionary<(int Status, int Code), ErrorRow> Rows = new Dictionary<(int, int), ErrorRow>
    {
        // The token.
        [(400, 9106)] = NoAccess,
        [(400, 6003)] = NoAccess,
        [(400, 6111)] = NoAccess,
        [(401, 1000)] = NoAccess,
        [(401, 10000)] = NoAccess,
        [(403, 10000)] = NoAccess,
        [(403, 9103)] = NoAccess,
        [(403, 9109)] = NoAccess,

        // The address of a thing.
        [(400, 1003)] = NoZone,
        [(400, 7000)] = Wrong,
        [(400, 7003)] = Wrong,
        [(404, 7000)] = Wrong,
        [(404, 7003)] = Wrong,
        [(404, 10404)] = Wrong,

        // Records. Whether a clash is ours or foreign is seen only by looking.
        [(404, RecordNotFound)] = Stale,
        [(400, RecordNotFound)] = Stale,
        [(400, 81053)] = Clash,
        [(400, 81057)] = Identical,
        [(400, 81058)] = Identical,
        [(400, 1004)] = Wrong,
        [(400, 9005)] = Wrong,

        // Limits.
        [(429, 971)] = TooFast,
        [(429, 10100)] = TooFast,
        [(429, 10429)] = TooFast,
    }.ToFrozenDictionary();

    public static CloudflareErrors Table { get; } = new();

    public ErrorCode Unavailable => ErrorCodes.CloudflareUnavailable;

    public ErrorCode RateLimited => ErrorCodes.CloudflareRateLimited;

    public ErrorCode TokenRefused => ErrorCodes.CloudflareTokenRefused;

    /// <summary>Of several errors the first that has a row decides.</summary>
    public Verdict Read(string operation, int status, ReadOnlySpan<byte> body)
    {
        var errors = WireJson.TryRead(body, CloudflareJson.Default.ErrorsBody)?.Errors ?? [];
        var known = errors.FirstOrDefault(e => Row(status, e.Code) is not null) ?? (errors.Count > 0 ? errors[0] : null);
        var row = (known is null ? null : Row(status, known.Code)) ?? ByStatus(status);
        return new Verdict(known?.Code.ToString(CultureInfo.InvariantCulture) ?? "", known?.Message ?? "", row);
    }

    /// <summary>The explicit row, or null when there is none.</summary>
    public static ErrorRow? Row(int status, int code) => Rows.GetValueOrDefault((status, code));

    private static ErrorRow ByStatus(int status) => status switch
    {
        401 or 403 => NoAccess,
        408 => Passing,
        429 => TooFast,
        502 or 503 or 504 => Passing,
        // 520 to 526 and 530: the edge did not get an answer from what is behind it.
        >= 520 and <= 530 => Passing,
        >= 400 and < 500 => Wrong,
        _ => Failed,
    };
}
