using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Wopr.Orchestrator.Tests.Http;

/// <summary>A provider's OpenAPI document, asked one question: does every field that WOPR reads or writes exist in it?</summary>
internal sealed class Specification(string file) : IDisposable
{
    private readonly JsonDocument document = JsonDocument.Parse(File.ReadAllText(file));

    public void Dispose() => document.Dispose();

    /// <summary>Fields of the type that the request body of this operation does not have.</summary>
    public IReadOnlyList<string> UnknownInRequest(string path, string method, JsonTypeInfo type) =>
        Unknown(type, Operation(path, method).GetProperty("requestBody").GetProperty("content").GetProperty("application/json").GetProperty("schema"), type.Type.Name);

    /// <summary>Fields of the type that no success answer of this operation has.</summary>
    public IReadOnlyList<string> UnknownInAnswer(string path, string method, JsonTypeInfo type)
    {
        var answer = Operation(path, method).GetProperty("responses").EnumerateObject().First(r => r.Name.StartsWith('2')).Value;
        return Unknown(type, answer.GetProperty("content").GetProperty("application/json").GetProperty("schema"), type.Type.Name);
    }

    /// <summary>Query parameters that this operation does not have.</summary>
    public IReadOnlyList<string> UnknownParameters(string path, params string[] names)
    {
        var known = Operation(path, "get").GetProperty("parameters").EnumerateArray().Select(p => Resolve(p).GetProperty("name").GetString()).ToHashSet();
        return [.. names.Where(n => !known.Contains(n))];
    }

    private JsonElement Operation(string path, string method) => document.RootElement.GetProperty("paths").GetProperty(path).GetProperty(method);

    private List<string> Unknown(JsonTypeInfo type, JsonElement schema, string where)
    {
        if (type.Kind == JsonTypeInfoKind.Enumerable)
        {
            var items = Alternatives(schema).FirstOrDefault(s => s.TryGetProperty("items", out _));
            return items.ValueKind == JsonValueKind.Undefined ? [$"{where} is no list"] : Unknown(Of(type, type.ElementType!), items.GetProperty("items"), where);
        }

        if (type.Kind != JsonTypeInfoKind.Object) return [];
        var properties = Alternatives(schema)
            .Where(s => s.TryGetProperty("properties", out _))
            .SelectMany(s => s.GetProperty("properties").EnumerateObject())
            .ToLookup(p => p.Name, p => p.Value);
        // A map has no fields of its own to compare.
        if (properties.Count == 0) return [];
        return [.. type.Properties.SelectMany(p => properties[p.Name].Any()
            ? properties[p.Name].Select(s => Unknown(Of(type, p.PropertyType), s, $"{where}.{p.Name}")).MinBy(u => u.Count)!
            : [$"{where}.{p.Name}"])];
    }

    private static JsonTypeInfo Of(JsonTypeInfo parent, Type type) => parent.Options.GetTypeInfo(type);

    /// <summary>The schema itself and everything it is composed of.</summary>
    private IEnumerable<JsonElement> Alternatives(JsonElement schema)
    {
        schema = Resolve(schema);
        if (schema.ValueKind != JsonValueKind.Object) return [];
        var parts = new[] { "allOf", "anyOf", "oneOf" }.SelectMany(word => schema.TryGetProperty(word, out var list) ? list.EnumerateArray() : []);
        return parts.SelectMany(Alternatives).Prepend(schema);
    }

    private JsonElement Resolve(JsonElement schema)
    {
        while (schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("$ref", out var reference))
            schema = reference.GetString()!.Split('/').Skip(1).Aggregate(document.RootElement, (at, name) => at.GetProperty(name));
        return schema;
    }
}
