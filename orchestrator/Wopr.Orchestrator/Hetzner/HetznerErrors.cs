using System.Collections.Frozen;
using System.Text.Json;
using Wopr.Platform.Http;
using Wopr.Provisioning.Ports;
using Wopr.Support;

namespace Wopr.Hetzner;

/// <summary>
/// The closed table of everything Hetzner refuses with: status and code, for some operations the field or limit that is
/// named beside the code, never the message. What stands in no row is decided by its status alone.
/// </summary>
/// <remarks>Codes: the provider's OpenAPI document of 2026-07, general and per operation.</remarks>
internal sealed class HetznerErrors : IErrorTable
{
    public const string CreateServer = "servers.create";

    private static readonly ErrorRow Wrong = new(ErrorCodes.HetznerRequestRefused, Retry.Never);
    private static readonly ErrorRow NoAccess = new(ErrorCodes.HetznerTokenRefused, Retry.Never);
    private static readonly ErrorRow SoldOut = new(ErrorCodes.SoldOut, Retry.Alternative);
    private static readonly ErrorRow TypeRefused = new(ErrorCodes.ServerTypeNotFound, Retry.Alternative);
    private static readonly ErrorRow Exists = new(ErrorCodes.HetznerRequestRefused, Retry.LookFirst);
    private static readonly ErrorRow NameTaken = new(ErrorCodes.ServerNameTaken, Retry.LookFirst);
    private static readonly ErrorRow Limit = new(ErrorCodes.AccountLimit, Retry.Later);
    private static readonly ErrorRow CoreLimit = new(ErrorCodes.AccountLimit, Retry.Alternative);
    private static readonly ErrorRow Locked = new(ErrorCodes.ResourceLocked, Retry.Later, Soon: true);
    private static readonly ErrorRow InUse = new(ErrorCodes.ResourceLocked, Retry.Later);
    private static readonly ErrorRow Protected = new(ErrorCodes.ResourceLocked, Retry.Never);
    private static readonly ErrorRow Changed = new(ErrorCodes.HetznerUnavailable, Retry.Later, Soon: true);
    private static readonly ErrorRow TooFast = new(ErrorCodes.HetznerRateLimited, Retry.Later, Soon: true);
    private static readonly ErrorRow Down = new(ErrorCodes.HetznerUnavailable, Retry.Later);
    private static readonly ErrorRow Failed = new(ErrorCodes.HetznerUnavailable, Retry.Later, EffectUnknown: true);
    private static readonly ErrorRow Passing = new(ErrorCodes.HetznerUnavailable, Retry.Later, Soon: true, EffectUnknown: true);

    private static readonly FrozenDictionary<(int Status, string Code), ErrorRow> Rows = new Dictionary<(int, string), ErrorRow>
    {
        // For every operation.
        [(400, "json_error")] = Wrong,
        [(401, "unauthorized")] = NoAccess,
        [(401, "token_readonly")] = NoAccess,
        [(403, "forbidden")] = NoAccess,
        [(403, "maintenance")] = Down,
        [(403, "resource_limit_exceeded")] = Limit,
        [(404, "not_found")] = Wrong,
        [(405, "method_not_allowed")] = Wrong,
        [(409, "uniqueness_error")] = Exists,
        [(409, "conflict")] = Changed,
        [(410, "deprecated_api_endpoint")] = Wrong,
        [(412, "resource_unavailable")] = SoldOut,
        [(422, "invalid_input")] = Wrong,
        [(422, "service_error")] = Failed,
        [(422, "unsupported_error")] = Wrong,
        [(423, "locked")] = Locked,
        [(423, "protected")] = Protected,
        [(429, "rate_limit_exceeded")] = TooFast,
        [(500, "server_error")] = Failed,
        [(502, "bad_gateway")] = Passing,
        [(503, "unavailable")] = Passing,
        [(504, "timeout")] = Passing,

        // Servers.
        [(412, "primary_ip_version_mismatch")] = Wrong,
        [(422, "placement_error")] = SoldOut,
        [(422, "primary_ip_assigned")] = Wrong,
        [(422, "primary_ip_datacenter_mismatch")] = Wrong,
        [(422, "already_in_placement_group")] = Wrong,
        [(422, "server_already_attached")] = Wrong,
        [(422, "server_not_stopped")] = InUse,
        [(422, "invalid_server_type")] = TypeRefused,
        [(422, "networks_overlap")] = Wrong,

        // Primary and floating IPs, volumes.
        [(422, "must_be_unassigned")] = InUse,
        [(422, "primary_ip_already_assigned")] = InUse,
        [(422, "floating_ip_assigned")] = InUse,
        [(422, "server_has_ipv4")] = Wrong,
        [(422, "server_has_ipv6")] = Wrong,
        [(422, "server_is_load_balancer_target")] = InUse,
        [(422, "no_space_left_in_location")] = SoldOut,

        // Firewalls.
        [(404, "firewall_resource_not_found")] = Wrong,
        [(422, "firewall_resource_not_found")] = Wrong,
        [(422, "firewall_already_applied")] = Wrong,
        [(422, "firewall_managed_by_label_selector")] = Wrong,
        [(422, "incompatible_network_type")] = Wrong,
        [(422, "private_net_only_server")] = Wrong,
        [(422, "resource_in_use")] = InUse,
        [(422, "server_already_added")] = Wrong,

        // Load balancers, networks and zones: WOPR calls none of them, but the table is closed.
        [(412, "source_port_already_used")] = Wrong,
        [(422, "source_port_already_used")] = Wrong,
        [(422, "ip_not_owned")] = Wrong,
        [(422, "ip_not_available")] = Wrong,
        [(422, "ip_not_in_vswitch_subnet")] = Wrong,
        [(422, "ip_not_assigned_to_server")] = Wrong,
        [(422, "invalid_load_balancer_type")] = Wrong,
        [(422, "load_balancer_already_attached")] = Wrong,
        [(422, "load_balancer_not_attached_to_network")] = Wrong,
        [(422, "load_balancer_public_interface_disabled")] = Wrong,
        [(422, "network_has_no_vswitch_subnet")] = Wrong,
        [(422, "no_subnet_available")] = Wrong,
        [(422, "resolve_cloud_private_targets_error")] = Wrong,
        [(422, "resolve_cloud_public_targets_error")] = Wrong,
        [(422, "target_already_defined")] = Wrong,
        [(422, "targets_without_use_private_ip")] = Wrong,
        [(422, "incorrect_zone_mode")] = Wrong,
    }.ToFrozenDictionary();

    public static HetznerErrors Table { get; } = new();

    public ErrorCode Unavailable => ErrorCodes.HetznerUnavailable;

    public ErrorCode RateLimited => ErrorCodes.HetznerRateLimited;

    public ErrorCode TokenRefused => ErrorCodes.HetznerTokenRefused;

    public Verdict Read(string operation, int status, ReadOnlySpan<byte> body)
    {
        var error = Parse(body);
        var row = Refined(operation, status, error) ?? Row(status, error?.Code ?? "") ?? ByStatus(operation, status);
        return new Verdict(error?.Code ?? "", error?.Message ?? "", row);
    }

    /// <summary>The explicit row, or null when there is none.</summary>
    public static ErrorRow? Row(int status, string code) => Rows.GetValueOrDefault((status, code));

    /// <summary>Where the same code means different things: what the details name beside it decides.</summary>
    private static ErrorRow? Refined(string operation, int status, HetznerError? error) => (operation, status, error?.Code) switch
    {
        (CreateServer, 422, "invalid_input") => Field(error.Fields),
        (CreateServer, 409, "uniqueness_error") => NameTaken,
        // Another type may use other cores; servers and addresses are counted whatever their type.
        (_, 403, "resource_limit_exceeded") when error.Limits.Any(l => l.Contains("core", StringComparison.Ordinal)) => CoreLimit,
        _ => null,
    };

    /// <summary>Which field of a new server was refused. No field at all: the type is not sold there, or no longer.</summary>
    private static ErrorRow Field(IReadOnlyList<string> fields) => fields switch
    {
        [] => TypeRefused,
        _ when fields.Any(f => f.StartsWith("labels", StringComparison.Ordinal)) => new ErrorRow(ErrorCodes.LabelRefused, Retry.Never),
        _ when fields.Contains("user_data") => new ErrorRow(ErrorCodes.UserDataRefused, Retry.Never),
        _ when fields.Any(f => f.StartsWith("ssh_keys", StringComparison.Ordinal)) => new ErrorRow(ErrorCodes.SshKeyNotFound, Retry.Never),
        _ when fields.Contains("server_type") || fields.Contains("location") => TypeRefused,
        _ => Wrong,
    };

    private static ErrorRow ByStatus(string operation, int status) => status switch
    {
        401 or 403 => NoAccess,
        408 => Passing,
        412 when operation == CreateServer => SoldOut,
        423 => Locked,
        429 => TooFast,
        502 or 503 or 504 => Passing,
        >= 400 and < 500 => Wrong,
        _ => Failed,
    };

    private static HetznerError? Parse(ReadOnlySpan<byte> body)
    {
        var dto = WireJson.TryRead(body, HetznerJson.Default.ErrorBody)?.Error;
        return dto?.Code is null ? null : new HetznerError(dto.Code, dto.Message ?? "", Names(dto.Details, "fields"), Names(dto.Details, "limits"));
    }

    /// <summary>The names in <c>details.fields[].name</c> or <c>details.limits[].name</c>; details of any other shape have none.</summary>
    private static string[] Names(JsonElement details, string list) =>
        details.ValueKind == JsonValueKind.Object && details.TryGetProperty(list, out var items) && items.ValueKind == JsonValueKind.Array
            ? [.. items.EnumerateArray()
                .Where(i => i.ValueKind == JsonValueKind.Object && i.TryGetProperty("name", out var n) && n.ValueKind == JsonValueKind.String)
                .Select(i => i.GetProperty("name").GetString()!)]
            : [];

    private sealed record HetznerError(string Code, string Message, IReadOnlyList<string> Fields, IReadOnlyList<string> Limits);
}
