using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Wopr.Sandbox.Wire;
using Wopr.Tests.Support;

namespace Wopr.Sandbox.Tests.Specs;

/// <summary>One provider's OpenAPI document, and which of its operations have been held to it.</summary>
internal sealed class OpenApiDocument
{
    private static readonly OpenApiDocument? HetznerDocument = Load("specs/hetzner/cloud.spec.trimmed.json");
    private static readonly OpenApiDocument? CloudflareDocument = Load("specs/cloudflare/openapi.json");

    private readonly JsonNode document;
    private readonly SchemaChecker checker;

    private OpenApiDocument(JsonNode document) => (this.document, checker) = (document, new SchemaChecker(document));

    /// <summary>The operations that an answer was checked for, as "GET /servers 200".</summary>
    public ConcurrentDictionary<string, bool> Checked { get; } = new(StringComparer.Ordinal);

    /// <summary>Null where the documents are not at hand: then answers go unchecked, and the tests that need them say so.</summary>
    public static OpenApiDocument? For(Face face) => face == Face.Hetzner ? HetznerDocument : CloudflareDocument;

    /// <summary>Every operation of the document, as "GET /servers".</summary>
    public IEnumerable<string> Operations() =>
        from path in document["paths"]!.AsObject()
        from operation in path.Value!.AsObject()
        where operation.Key is "get" or "post" or "put" or "patch" or "delete"
        select $"{operation.Key.ToUpperInvariant()} {path.Key}";

    /// <summary>Fails the test when the answer is not what the document promises. Paths that it does not hold are let through.</summary>
    public void Check(string method, string path, int status, string text)
    {
        if (TemplateOf(path, method) is not { } template)
        {
            return;
        }

        var responses = document["paths"]![template]![method.ToLowerInvariant()]!["responses"]!.AsObject();
        var kind = $"{status / 100}xx";
        var response = responses.FirstOrDefault(one => one.Key == $"{status}" || string.Equals(one.Key, kind, StringComparison.OrdinalIgnoreCase)).Value;
        (response is not null || status >= 500).ShouldBeTrue($"{method} {template} does not promise a {status}: {text}");
        if (response?["content"]?["application/json"]?["schema"] is not { } schema)
        {
            return;
        }

        // The document promises codes from 1000 on; the throttling code seen on the wire is 971.
        var problems = checker.Check(Failure(schema, status), JsonNode.Parse(text))
            .Where(problem => problem != "/errors/0/code: 971 is out of range");
        problems.ShouldBeEmpty($"{method} {template} {status} is not as promised: {text}");
        Checked[$"{method} {template}"] = true;
    }

    /// <summary>
    /// Cloudflare's document asks of a failed list that its result be an array and null at once; only the failure
    /// envelope, the last of the parts, is what is seen on the wire.
    /// </summary>
    private static JsonNode Failure(JsonNode schema, int status) =>
        status >= 400 && schema["allOf"] is JsonArray { Count: > 0 } parts ? parts[^1]! : schema;

    private string? TemplateOf(string path, string method) => document["paths"]!.AsObject()
        .Where(candidate => candidate.Value![method.ToLowerInvariant()] is not null && Fits(candidate.Key, path))
        .OrderBy(candidate => candidate.Key.Count(letter => letter == '{'))
        .Select(candidate => candidate.Key)
        .FirstOrDefault();

    private static bool Fits(string template, string path)
    {
        var (wanted, given) = (template.Split('/'), path.Split('/'));
        return wanted.Length == given.Length && wanted.Zip(given).All(pair => pair.First.StartsWith('{') || pair.First == pair.Second);
    }

    private static OpenApiDocument? Load(string file)
    {
        var path = Path.Combine(Repository.Shared, file);
        return File.Exists(path) ? new OpenApiDocument(JsonNode.Parse(File.ReadAllText(path))!) : null;
    }
}
