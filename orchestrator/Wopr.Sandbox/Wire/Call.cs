using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Primitives;

namespace Wopr.Sandbox.Wire;

/// <summary>One authenticated and routed request.</summary>
/// <param name="Path">Below the API's root: <c>/servers/42</c>.</param>
/// <param name="Values">What the braces of the route's template stand for.</param>
/// <param name="Body">Empty when the request had none.</param>
/// <param name="IdempotencyKey">Where the provider heeds one.</param>
/// <param name="Account">Whose things the token reaches: a project at Hetzner, an account at Cloudflare.</param>
public sealed record Call(
    string Method,
    string Path,
    IReadOnlyDictionary<string, string> Values,
    IReadOnlyDictionary<string, StringValues> Query,
    JsonObject Body,
    string Account,
    DateTimeOffset Now,
    string? IdempotencyKey = null)
{
    public long Id(string name = "id") => long.Parse(Values[name], CultureInfo.InvariantCulture);

    /// <summary>The query value, or null when it is missing or empty.</summary>
    public string? Asked(string name) =>
        Query.TryGetValue(name, out var values) && values.Count > 0 && values[^1] is { Length: > 0 } value ? value : null;

    /// <summary>Every value of a query name that may be given many times.</summary>
    public IReadOnlyList<string> AskedAll(string name) =>
        Query.TryGetValue(name, out var values) ? [.. values.Where(value => !string.IsNullOrEmpty(value))!] : [];
}
