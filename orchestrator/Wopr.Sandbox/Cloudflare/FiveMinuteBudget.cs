using System.Globalization;
using Wopr.Sandbox.Misbehaviour;
using Wopr.Sandbox.Wire;

namespace Wopr.Sandbox.Cloudflare;

/// <summary>1200 calls in five minutes and token; whoever exceeds them is shut out for five minutes. A rule of kind rate_limit changes the figures.</summary>
internal sealed class FiveMinuteBudget(Rulebook rules)
{
    private readonly Lock gate = new();
    private DateTimeOffset windowEnds;
    private DateTimeOffset blockedUntil;
    private int spent;

    public (Answer? Refusal, IReadOnlyDictionary<string, string> Headers) Spend(DateTimeOffset now)
    {
        var rule = rules.Standing(Kind.RateLimit, "cloudflare") is [.., var last] ? last : null;
        var (limit, period) = (rule?.Limit ?? 1200, rule?.Seconds ?? 300);
        lock (gate)
        {
            // A rule that makes windows shorter begins one of its own: the running one would outlast it.
            if (now >= windowEnds || windowEnds > now.AddSeconds(period))
            {
                (windowEnds, spent) = (now.AddSeconds(period), 0);
            }

            if (now >= blockedUntil && ++spent > limit)
            {
                blockedUntil = now.AddSeconds(period);
            }

            var blocked = now < blockedUntil;
            var wait = (int)Math.Ceiling(((blocked ? blockedUntil : windowEnds) - now).TotalSeconds);
            var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
            {
                ["Ratelimit"] = string.Create(CultureInfo.InvariantCulture, $"\"default\";r={(blocked ? 0 : Math.Max(0, limit - spent))};t={wait}"),
                ["Ratelimit-Policy"] = string.Create(CultureInfo.InvariantCulture, $"\"burst\";q={limit};w={period}"),
            };
            return (blocked ? Refusals.Throttled(wait) : null, headers);
        }
    }

    public void Clear()
    {
        lock (gate)
        {
            (windowEnds, blockedUntil, spent) = (default, default, 0);
        }
    }
}
