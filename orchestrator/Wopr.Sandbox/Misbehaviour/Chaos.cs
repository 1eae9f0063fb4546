namespace Wopr.Sandbox.Misbehaviour;

/// <summary>
/// A mix of everything that providers do on a bad day, weighed so that an order is still completed. README.md has the
/// table. The same seed and the same calls give the same day.
/// </summary>
public static class Chaos
{
    public static IReadOnlyList<Rule> Rules(int seed) =>
    [
        new() { Kind = Kind.Latency, Ms = 300, Probability = 0.2, Seed = seed },
        new() { Kind = Kind.Status, HttpStatus = 429, RetryAfter = 1, Probability = 0.02, Seed = seed + 1 },
        new() { Kind = Kind.Status, HttpStatus = 503, Probability = 0.05, Seed = seed + 2 },
        new() { Kind = Kind.Status, HttpStatus = 502, Body = System.Text.Json.JsonSerializer.SerializeToElement("html"), Probability = 0.03, Seed = seed + 3 },
        new() { Kind = Kind.Reset, Probability = 0.03, Seed = seed + 4 },
        new() { Kind = Kind.Lost, Probability = 0.05, Seed = seed + 5 },
        new() { Kind = Kind.ActionFails, Provider = "hetzner", Command = "start_server", Probability = 0.1, Seed = seed + 6 },
        new() { Kind = Kind.OutOfStock, Provider = "hetzner", Probability = 0.2, Seed = seed + 7 },
        new() { Kind = Kind.LockedDelete, Provider = "hetzner", Probability = 0.2, Seed = seed + 8 },
        new() { Kind = Kind.SlowBoot, Provider = "hetzner", Ms = 2000, Probability = 0.3, Seed = seed + 9 },
    ];

    internal static Rulebook Rulebook(int? seed)
    {
        var rules = new Rulebook();
        if (seed is { } day) rules.Add(Rules(day));
        return rules;
    }
}
