using Wopr.Sandbox.Wire;

namespace Wopr.Sandbox.Hetzner;

/// <summary>Every way in which this provider says no. Shapes and codes as documented and as seen on the wire.</summary>
internal static class Refusals
{
    public static Answer Of(int status, string code, string message, object? details = null) =>
        new(status, new { error = new { code, message, details } });

    public static Answer NotFound(string kind, long id) => Of(404, "not_found", $"{kind} with ID '{id}' not found");

    public static Answer Invalid(string message) => Of(422, "invalid_input", message);

    public static Answer InvalidField(string field, string message) => InvalidFields([(field, message)]);

    public static Answer InvalidFields(IReadOnlyCollection<(string Field, string Message)> problems)
    {
        var fields = problems.GroupBy(problem => problem.Field, StringComparer.Ordinal).ToList();
        var names = string.Join(", ", fields.Select(field => $"'{field.Key}'"));
        return Of(422, "invalid_input", $"invalid input in field{(fields.Count > 1 ? "s" : "")} {names}", new
        {
            fields = fields.Select(field => new { name = field.Key, messages = field.Select(problem => problem.Message) }),
        });
    }

    public static Answer NotUnique(string message, string? field = null) =>
        Of(409, "uniqueness_error", message, field is null ? null : new { fields = new[] { new { name = field } } });

    public static Answer Locked(string kind) => Of(423, "locked", $"cannot perform operation because {kind} is locked");

    public static Answer Protected(string what) => Of(423, "protected", $"{what} is protected");

    public static Answer LimitExceeded(string limit) => Of(403, "resource_limit_exceeded", limit switch
    {
        "primary_ip_limit" => "Primary IP limit exceeded",
        _ => $"{limit.Replace("_limit", "", StringComparison.Ordinal).Replace('_', ' ')} limit exceeded",
    }, new { limits = new[] { new { name = limit } } });

    public static Answer OutOfStock() => Of(412, "resource_unavailable", "error during placement");

    public static Answer LocationDisabled() => Of(412, "resource_unavailable", "server location disabled");

    public static Answer Unauthorized(string message) => Of(401, "unauthorized", message);

    public static Answer Gone(string announcement) => Of(410, "deprecated_api_endpoint", "API functionality was removed", new
    {
        announcement = $"https://docs.hetzner.cloud/changelog#{announcement}",
    });

    /// <summary>The usual body of a status, for scripted misbehaviour.</summary>
    public static Answer Usual(int status, string? code, string? message)
    {
        var (usualCode, usualMessage) = status switch
        {
            400 => ("json_error", "invalid JSON"),
            401 => ("unauthorized", "the token you have provided is invalid"),
            403 => ("forbidden", "insufficient permissions for this request"),
            404 => ("not_found", "resource not found"),
            405 => ("method_not_allowed", "method not allowed"),
            409 => ("conflict", "conflict"),
            410 => ("deprecated_api_endpoint", "API functionality was removed"),
            412 => ("resource_unavailable", "error during placement"),
            422 => ("invalid_input", "invalid input"),
            423 => ("locked", "cannot perform operation because server is locked"),
            429 => ("rate_limit_exceeded", "limit of 3600 requests per hour reached"),
            502 => ("bad_gateway", ""),
            503 => ("unavailable", "A service or product is currently not available."),
            504 => ("timeout", ""),
            _ => ("server_error", "internal server error"),
        };
        return Of(status, code ?? usualCode, message ?? usualMessage);
    }
}
