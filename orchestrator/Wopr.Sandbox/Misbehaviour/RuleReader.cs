using System.Text.Json;
using System.Text.RegularExpressions;
using Wopr.Sandbox.Wire;

namespace Wopr.Sandbox.Misbehaviour;

/// <summary>Reads rules as they come in: one, a list of them, or an object that holds the list under <c>rules</c>.</summary>
internal static class RuleReader
{
    /// <summary>The rules, or in one sentence what is wrong with them.</summary>
    public static (IReadOnlyList<Rule> Rules, string? Problem) Read(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            var inner = root.ValueKind == JsonValueKind.Object && root.TryGetProperty("rules", out var list) ? list : root;
            var rules = inner.ValueKind == JsonValueKind.Array
                ? inner.Deserialize<List<Rule>>(WireJson.Wire)!
                : [inner.Deserialize<Rule>(WireJson.Wire)!];
            return (rules, rules.Select(Problem).FirstOrDefault(problem => problem is not null));
        }
        catch (JsonException problem)
        {
            return ([], problem.Message);
        }
    }

    private static string? Problem(Rule rule) => rule switch
    {
        { Provider: not null and not "hetzner" and not "cloudflare" and not "stripe" } => $"provider '{rule.Provider}' is none of hetzner, cloudflare and stripe",
        { Probability: < 0 or > 1 } => "probability must lie between 0 and 1",
        { Times: < 0 } or { After: < 0 } or { Ms: < 0 } or { Limit: < 0 } => "times, after, ms and limit cannot be negative",
        { Kind: Kind.Status, HttpStatus: null or < 200 or > 599 } => "kind status needs a status between 200 and 599",
        { Kind: Kind.Limit or Kind.RateLimit, Limit: null } => "kinds limit and rate_limit need a limit",
        { Kind: Kind.Clash, Provider: null } => "kind clash needs a provider",
        { Path: ['^', ..] } when !IsPattern(rule.Path) => $"path '{rule.Path}' is no regular expression",
        _ => null,
    };

    private static bool IsPattern(string pattern)
    {
        try
        {
            _ = new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            return true;
        }
        catch (Exception problem) when (problem is ArgumentException or NotSupportedException)
        {
            return false;
        }
    }
}
