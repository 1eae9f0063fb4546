using Wopr.Sandbox.Wire;

namespace Wopr.Sandbox.Cloudflare;

/// <summary>Every way in which this provider says no. Codes and texts as seen on the wire.</summary>
internal static class Refusals
{
    public static Answer Of(int status, int code, string message) => From(status, new { code, message });

    public static Answer NoCredentials() => Of(400, 9106, "Missing X-Auth-Key, X-Auth-Email or Authorization headers");

    public static Answer MalformedToken(bool verifying) => verifying
        ? Of(400, 6111, "Invalid format for Authorization header")
        : From(400, new
        {
            code = 6003,
            message = "Invalid request headers",
            error_chain = new[] { new { code = 6111, message = "Invalid format for Authorization header" } },
        });

    public static Answer UnknownToken(bool verifying) => verifying ? Of(401, 1000, "Invalid API Token") : Of(401, 10000, "Authentication error");

    public static Answer UnknownKey() => Of(403, 9103, "Unknown X-Auth-Key or X-Auth-Email");

    public static Answer OtherResource() => Of(403, 9109, "Unauthorized to access requested resource");

    public static Answer MalformedId(string path) => Of(404, 7003, $"Could not route to {path}, perhaps your object identifier is invalid?");

    public static Answer NoRoute() => Of(404, 10404, "No route for that URI");

    public static Answer NoSuchRecord() => Of(404, 81044, "Record does not exist.");

    public static Answer HostTaken() => Of(400, 81053, "An A, AAAA, or CNAME record with that host already exists.");

    public static Answer Identical() => Of(400, 81058, "An identical record already exists.");

    public static Answer Throttled(int retryAfter) => Of(429, 971, "Please wait and consider throttling your request speed") with
    {
        Headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
        {
            ["Retry-After"] = retryAfter.ToString(System.Globalization.CultureInfo.InvariantCulture),
        },
    };

    /// <summary>The usual body of a status, for scripted misbehaviour.</summary>
    public static Answer Usual(int status, string? code, string? message)
    {
        var (usualCode, usualMessage) = status switch
        {
            400 => (1004, "DNS Validation Error"),
            401 => (10000, "Authentication error"),
            403 => (9109, "Unauthorized to access requested resource"),
            404 => (81044, "Record does not exist."),
            405 => (10405, "Method not allowed for this endpoint"),
            429 => (971, "Please wait and consider throttling your request speed"),
            _ => (10001, "Internal server error"),
        };
        return Of(status, int.TryParse(code, out var wanted) ? wanted : usualCode, message ?? usualMessage);
    }

    private static Answer From(int status, object error) => new(status, new
    {
        result = (object?)null,
        success = false,
        errors = new[] { error },
        messages = Array.Empty<object>(),
    });
}
