using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Wopr.Sandbox.Tests.Specs;

/// <summary>
/// The part of JSON Schema that both OpenAPI documents use: $ref, type (one or many, with null), nullable, required,
/// properties, additionalProperties, items, enum, bounds, lengths, oneOf, anyOf, allOf. Formats are not looked at.
/// </summary>
internal sealed class SchemaChecker(JsonNode document)
{
    /// <summary>What is wrong, each with its JSON pointer; empty when the value fits.</summary>
    public IReadOnlyList<string> Check(JsonNode schema, JsonNode? value, string pointer = "")
    {
        var problems = new List<string>();
        Check(schema, value, pointer, problems);
        return problems;
    }

    private void Check(JsonNode given, JsonNode? value, string at, List<string> problems)
    {
        var schema = Resolve(given);
        if (value is null && schema["nullable"]?.GetValue<bool>() == true)
        {
            return;
        }

        foreach (var part in schema["allOf"]?.AsArray() ?? [])
        {
            Check(part!, value, at, problems);
        }

        CheckChoice(schema["oneOf"]?.AsArray(), exactlyOne: true, value, at, problems);
        CheckChoice(schema["anyOf"]?.AsArray(), exactlyOne: false, value, at, problems);
        if (!HasType(schema["type"], value))
        {
            problems.Add($"{at}: {KindOf(value)} is not {schema["type"]!.ToJsonString()}");
            return;
        }

        if (schema["enum"] is JsonArray allowed && !allowed.Any(one => JsonNode.DeepEquals(one, value)))
        {
            problems.Add($"{at}: {value?.ToJsonString() ?? "null"} is not one of {allowed.ToJsonString()}");
        }

        switch (value)
        {
            case JsonObject map:
                CheckObject(schema, map, at, problems);
                break;
            case JsonArray list when schema["items"] is { } items:
                for (var i = 0; i < list.Count; i++)
                {
                    Check(items, list[i], string.Create(CultureInfo.InvariantCulture, $"{at}/{i}"), problems);
                }

                break;
            case JsonValue single:
                CheckBounds(schema, single, at, problems);
                break;
        }
    }

    private void CheckObject(JsonObject schema, JsonObject value, string at, List<string> problems)
    {
        foreach (var name in schema["required"]?.AsArray().Select(name => name!.GetValue<string>()) ?? [])
        {
            if (!value.ContainsKey(name))
            {
                problems.Add($"{at}: {name} is missing");
            }
        }

        foreach (var (name, inner) in value)
        {
            if (schema["properties"]?[name] is { } property)
            {
                Check(property, inner, $"{at}/{name}", problems);
            }
            else if (schema["additionalProperties"] is JsonObject others)
            {
                Check(others, inner, $"{at}/{name}", problems);
            }
        }
    }

    private void CheckChoice(JsonArray? branches, bool exactlyOne, JsonNode? value, string at, List<string> problems)
    {
        if (branches is null)
        {
            return;
        }

        var outcomes = branches.Select(branch => Check(branch!, value, at)).ToList();
        var fitting = outcomes.Count(outcome => outcome.Count == 0);
        if (fitting == 0)
        {
            problems.AddRange(outcomes.MinBy(outcome => outcome.Count)!);
        }
        else if (exactlyOne && fitting > 1)
        {
            problems.Add($"{at}: fits {fitting} of the oneOf branches");
        }
    }

    private static void CheckBounds(JsonObject schema, JsonValue value, string at, List<string> problems)
    {
        if (value.GetValueKind() == JsonValueKind.Number)
        {
            var number = value.GetValue<JsonElement>().GetDouble();
            if (number < schema["minimum"]?.GetValue<double>() || number > schema["maximum"]?.GetValue<double>())
            {
                problems.Add($"{at}: {value.ToJsonString()} is out of range");
            }
        }
        else if (value.GetValueKind() == JsonValueKind.String)
        {
            var length = value.GetValue<string>().Length;
            if (length < schema["minLength"]?.GetValue<int>() || length > schema["maxLength"]?.GetValue<int>())
            {
                problems.Add($"{at}: {value.ToJsonString()} is too short or too long");
            }
        }
    }

    private JsonObject Resolve(JsonNode schema)
    {
        while (schema["$ref"] is { } reference)
        {
            schema = reference.GetValue<string>().TrimStart('#', '/').Split('/')
                .Aggregate(document, (node, part) => node[part] ?? throw new InvalidDataException($"{reference} leads nowhere"));
        }

        return schema.AsObject();
    }

    private static bool HasType(JsonNode? type, JsonNode? value) => type switch
    {
        null => true,
        JsonArray many => many.Any(one => HasType(one, value)),
        _ => type.GetValue<string>() switch
        {
            "integer" => value is JsonValue number && number.GetValueKind() == JsonValueKind.Number && IsWhole(number),
            "number" => value?.GetValueKind() == JsonValueKind.Number,
            var other => KindOf(value) == other,
        },
    };

    private static bool IsWhole(JsonValue number) => number.GetValue<JsonElement>().TryGetInt64(out _);

    private static string KindOf(JsonNode? value) => value?.GetValueKind() switch
    {
        null or JsonValueKind.Null => "null",
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => "number",
        _ => "boolean",
    };
}
