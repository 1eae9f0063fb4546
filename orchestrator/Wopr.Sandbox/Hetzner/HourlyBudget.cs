using System.Globalization;
using Wopr.Sandbox.Misbehaviour;
using Wopr.Sandbox.Wire;

namespace Wopr.Sandbox.Hetzner;

/// <summary>3600 calls an hour and project; bursts are allowed, one call comes back each second. A rule of kind rate_limit changes the figures.</summary>
internal sealed class HourlyBudget(Rulebook rules)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, (double Left, DateTimeOffset At, int Limit)> buckets = new(StringComparer.Ordinal);

    public (Answer? Refusal, IReadOnlyDictionary<string, string> Headers) Spend(string project, DateTimeOffset now)
    {
        var rule = rules.Standing(Kind.RateLimit, "hetzner") is [.., var last] ? last : null;
        var limit = rule?.Limit ?? 3600;
        var perSecond = limit / (double)(rule?.Seconds ?? 3600);
        lock (gate)
        {
            var (left, at, was) = buckets.GetValueOrDefault(project, (limit, now, limit));
            left = was != limit ? limit : Math.Min(limit, left + (Math.Max(0, (now - at).TotalSeconds) * perSecond));
            var refused = left < 1;
            left -= refused ? 0 : 1;
            buckets[project] = (left, now, limit);
            var full = now.AddSeconds(perSecond > 0 ? (limit - left) / perSecond : 3600);
            var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
            {
                ["RateLimit-Limit"] = limit.ToString(CultureInfo.InvariantCulture),
                ["RateLimit-Remaining"] = ((int)left).ToString(CultureInfo.InvariantCulture),
                ["RateLimit-Reset"] = full.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
            };
            return (refused ? Refusals.Of(429, "rate_limit_exceeded", $"limit of {limit} requests per hour reached") : null, headers);
        }
    }

    public void Clear()
    {
        lock (gate)
        {
            buckets.Clear();
        }
    }
}
