using System.Text.Json;
using System.Text.Json.Nodes;
using Wopr.Sandbox.Misbehaviour;

namespace Wopr.Sandbox.Wire;

/// <summary>
/// The way of a request through an emulator, in the order in which the real ones refuse: scripted trouble, unknown path,
/// token, method, budget, body, handler; then the answer, unless it is to be lost.
/// </summary>
public sealed class ProviderPipeline(IProvider provider, Rulebook rules, CallCounters counters, TimeProvider time)
{
    public async Task RunAsync(HttpContext context)
    {
        var (method, path) = (context.Request.Method, PathBelowRoot(context.Request.Path.Value ?? "/"));
        var match = path is null ? null : provider.Routes.Find(method, path);
        var template = match?.Template ?? "(unknown)";
        path ??= context.Request.Path.Value!;
        rules.CalledWith(context.Request.Headers.Authorization.ToString().Split(' ', 2) is [_, var token] ? token.Trim() : "");

        // Each latency rule delays a call once; several rules add up.
        var waited = new HashSet<Rule>(ReferenceEqualityComparer.Instance);
        while (rules.Strike(Kind.Latency, provider.Name, method, path, waited.Add) is { } slow)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(slow.Ms), time, context.RequestAborted);
        }

        if (rules.Strike(Kind.Reset, provider.Name, method, path) is not null)
        {
            counters.Count(provider.Name, method, template, 0);
            context.Abort();
            return;
        }

        var (answer, bytes) = rules.Strike(Kind.Status, provider.Name, method, path) is { } scripted
            ? WithBytes(Scripted(scripted))
            : await AnswerAsync(context, match, method, path);

        if (rules.Strike(Kind.Lost, provider.Name, method, path) is not null)
        {
            counters.Count(provider.Name, method, template, 0);
            context.Abort();
            return;
        }

        counters.Count(provider.Name, method, template, answer.Status);
        await WriteAsync(context, answer, bytes);
    }

    private async Task<(Answer Answer, byte[] Bytes)> AnswerAsync(HttpContext context, RouteTable.Match? match, string method, string path)
    {
        if (match is null)
        {
            return WithBytes(provider.UnknownPath(path));
        }

        var (account, refusal) = provider.Authenticate(context.Request.Headers, path);
        if (refusal is not null)
        {
            return WithBytes(refusal);
        }

        if (match.Handler is null)
        {
            return WithBytes(provider.WrongMethod());
        }

        var (overdrawn, budget) = provider.Spend(account!, time.GetUtcNow());
        if (overdrawn is not null)
        {
            return WithBytes(overdrawn with { Headers = Merge(overdrawn.Headers, budget) });
        }

        if (await ReadBodyAsync(context) is not { } body)
        {
            return WithBytes(provider.BadJson() with { Headers = budget });
        }

        var call = new Call(method, path, match.Values, context.Request.Query.ToDictionary(StringComparer.Ordinal), body, account!, time.GetUtcNow(),
            context.Request.Headers["Idempotency-Key"] is [{ Length: > 0 } key] ? key : null);
        var (answer, bytes) = provider.Handle(match.Handler, call);
        return (answer with { Headers = Merge(answer.Headers, budget) }, bytes);
    }

    private async Task WriteAsync(HttpContext context, Answer answer, byte[] bytes)
    {
        context.Response.StatusCode = answer.Status;
        foreach (var (name, value) in Merge(provider.EveryAnswer(), answer.Headers))
        {
            context.Response.Headers[name] = value;
        }

        if (bytes.Length > 0)
        {
            context.Response.ContentType = answer.ContentType;
            context.Response.ContentLength = bytes.Length;
            await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
        }
    }

    private Answer Scripted(Rule rule)
    {
        var usual = provider.Usual(rule.HttpStatus!.Value, rule.Code, rule.Message);
        var answer = rule.Body switch
        {
            null => usual,
            { ValueKind: JsonValueKind.String } text when text.GetString() == "html" =>
                usual with { Body = $"<html><head><title>{usual.Status}</title></head><body><h1>{usual.Status}</h1></body></html>\n", ContentType = "text/html" },
            { ValueKind: JsonValueKind.String } text => usual with { Body = text.GetString(), ContentType = "text/plain" },
            { } json => usual with { Body = json },
        };
        return rule.RetryAfter is { } seconds
            ? answer with { Headers = new Dictionary<string, string>(answer.Headers, StringComparer.OrdinalIgnoreCase) { ["Retry-After"] = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture) } }
            : answer;
    }

    private string? PathBelowRoot(string path) =>
        path.StartsWith(provider.Root + "/", StringComparison.Ordinal) ? path[provider.Root.Length..] : null;

    /// <summary>An empty object when there is no body; null when there is one that is neither a JSON object nor a form.</summary>
    private async Task<JsonObject?> ReadBodyAsync(HttpContext context)
    {
        if (provider.TakesForms && context.Request.HasFormContentType)
        {
            var form = await context.Request.ReadFormAsync(context.RequestAborted);
            return new JsonObject(form.Select(field => KeyValuePair.Create(field.Key, (JsonNode?)JsonValue.Create(field.Value.ToString()))));
        }

        using var reader = new StreamReader(context.Request.Body);
        var text = await reader.ReadToEndAsync(context.RequestAborted);
        if (string.IsNullOrWhiteSpace(text))
        {
            return [];
        }

        try
        {
            var body = JsonNode.Parse(text) as JsonObject;
            _ = body?.Count; // A duplicate key shows up only when the object is looked into.
            return body;
        }
        catch (Exception problem) when (problem is JsonException or ArgumentException)
        {
            return null;
        }
    }

    private static (Answer Answer, byte[] Bytes) WithBytes(Answer answer) => (answer, answer.Bytes());

    private static Dictionary<string, string> Merge(IReadOnlyDictionary<string, string> first, IReadOnlyDictionary<string, string> second)
    {
        var merged = new Dictionary<string, string>(first, StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in second)
        {
            merged[name] = value;
        }

        return merged;
    }
}
