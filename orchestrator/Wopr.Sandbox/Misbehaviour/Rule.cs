using System.Text.Json;
using System.Text.Json.Serialization;

namespace Wopr.Sandbox.Misbehaviour;

/// <summary>What a rule makes the provider do. README.md has one line for each.</summary>
public enum Kind
{
    Latency,
    Status,
    Reset,
    Lost,
    ActionFails,
    OutOfStock,
    LocationDisabled,
    TypeDeprecated,
    TypeVanished,
    LockedDelete,
    Limit,
    RateLimit,
    Clash,
    NeverRunning,
    SlowBoot,
    NoBoot,
}

/// <summary>One scripted misbehaviour. Everything that is left out matches everything.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record Rule
{
    public required Kind Kind { get; init; }

    /// <summary><c>hetzner</c>, <c>cloudflare</c> or <c>stripe</c>.</summary>
    public string? Provider { get; init; }

    /// <summary>The bearer token of the call: where a provider has several, only calls with this one match.</summary>
    public string? Token { get; init; }

    public string? Method { get; init; }

    /// <summary>A prefix of the path below the API's root (<c>/servers</c>), or a regular expression that begins with <c>^</c>.</summary>
    public string? Path { get; init; }

    /// <summary>How often the rule strikes at most; without it, until it is removed.</summary>
    public int? Times { get; init; }

    /// <summary>How many matches are let through before the first strike.</summary>
    public int After { get; init; }

    /// <summary>0 to 1: how likely each match strikes, drawn from <see cref="Seed"/>.</summary>
    public double? Probability { get; init; }

    public int Seed { get; init; }

    /// <summary>Milliseconds: of delay, or of a slow boot.</summary>
    public int Ms { get; init; }

    /// <summary>The HTTP status of kind <c>status</c>.</summary>
    [JsonPropertyName("status")]
    public int? HttpStatus { get; init; }

    /// <summary>The body of kind <c>status</c>: JSON, or the word <c>html</c> for a proxy's error page. Without it, the provider's usual one.</summary>
    public JsonElement? Body { get; init; }

    /// <summary>Seconds in the <c>Retry-After</c> header; without it there is none.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>The error code of a failed action or of kind <c>status</c>.</summary>
    public string? Code { get; init; }

    public string? Message { get; init; }

    /// <summary>The action's command (<c>create_server</c>, <c>start_server</c>, …) of kind <c>action_fails</c>.</summary>
    public string? Command { get; init; }

    public string? ServerType { get; init; }

    public string? Location { get; init; }

    /// <summary>The limit's name of kind <c>limit</c>: <c>server_limit</c> (the default) or <c>primary_ip_limit</c>.</summary>
    public string? Name { get; init; }

    /// <summary>The number of kinds <c>limit</c> and <c>rate_limit</c>.</summary>
    public int? Limit { get; init; }

    /// <summary>The period of kind <c>rate_limit</c>; without it, the provider's own (3600 or 300).</summary>
    public int? Seconds { get; init; }

    /// <summary>Names of kind <c>clash</c>: host names at Cloudflare, server names at Hetzner. Without it, whatever is created next.</summary>
    public IReadOnlyList<string>? Names { get; init; }

    /// <summary>The record type of kind <c>clash</c>; A without it.</summary>
    public string? Type { get; init; }

    public string? Content { get; init; }

    /// <summary>The state in which kind <c>never_running</c> leaves a server; <c>starting</c> without it.</summary>
    public string? ServerStatus { get; init; }
}
