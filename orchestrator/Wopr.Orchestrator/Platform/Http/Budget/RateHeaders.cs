using System.Globalization;
using System.Net.Http.Headers;

namespace Wopr.Platform.Http.Budget;

/// <summary>
/// What an answer says about the rate limit, in both spellings in use: <c>RateLimit-Limit</c> and
/// <c>RateLimit-Remaining</c> (Hetzner), and <c>Ratelimit: "default";r=12;t=300</c> (Cloudflare).
/// </summary>
public static class RateHeaders
{
    // The reset is told in whole seconds: from fewer spent calls the rate could not be told apart from rounding.
    private const double EnoughSpent = 5;

    /// <summary>Null when nothing was said, or nothing that can be read.</summary>
    public static RateReading? Read(HttpResponseHeaders headers)
    {
        if (Number(First(headers, "RateLimit-Remaining")) is { } remaining)
        {
            double? limit = Number(First(headers, "RateLimit-Limit")) is { } said and >= 1 ? said : null;
            return new RateReading(remaining, limit, Refill(limit - remaining, Number(First(headers, "RateLimit-Reset")), headers.Date));
        }
        return First(headers, "Ratelimit") is { } item && Parameter(item, "r") is { } left ? new RateReading(left) : null;
    }

    /// <summary>The bucket is full again at the reset: what is spent comes back until then. Both times are the provider's own.</summary>
    private static double? Refill(double? spent, double? reset, DateTimeOffset? date) =>
        spent >= EnoughSpent && reset - date?.ToUnixTimeSeconds() is >= 2 and { } seconds ? spent / seconds : null;

    private static double? Parameter(string item, string name) => item
        .Split(',', 2)[0]
        .Split(';', StringSplitOptions.TrimEntries)
        .Skip(1)
        .Select(part => part.Split('=', 2))
        .Where(pair => pair.Length == 2 && pair[0] == name)
        .Select(pair => Number(pair[1]))
        .FirstOrDefault();

    private static double? Number(string? text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number >= 0 ? number : null;

    private static string? First(HttpResponseHeaders headers, string name) =>
        headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;
}
