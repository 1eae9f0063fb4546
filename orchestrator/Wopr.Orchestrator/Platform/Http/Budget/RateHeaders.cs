using System.Globalization;
using System.Net.Http.Headers;

namespace Wopr.Platform.Http.Budget;

/// <summary>
/// What an answer says about the rate limit, in both spellings in use: <c>RateLimit-Limit</c> and
/// <c>RateLimit-Remaining</c> (Hetzner), and <c>Ratelimit: "default";r=12;t=300</c> (Cloudflare).
/// </summary>
public static class RateHeaders
{
    /// <summary>Null when nothing was said, or nothing that can be read.</summary>
    public static RateReading? Read(HttpResponseHeaders headers)
    {
        if (Number(First(headers, "RateLimit-Remaining")) is { } remaining)
            return new RateReading(remaining, Number(First(headers, "RateLimit-Limit")) is { } limit and >= 1 ? limit : null);
        return First(headers, "Ratelimit") is { } item && Parameter(item, "r") is { } left ? new RateReading(left) : null;
    }

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
