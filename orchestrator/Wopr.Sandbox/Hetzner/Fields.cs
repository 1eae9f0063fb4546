using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Wopr.Sandbox.Wire;

namespace Wopr.Sandbox.Hetzner;

/// <summary>Reads a request body field by field and collects everything that is wrong with it, as the provider does.</summary>
internal sealed partial class Fields(JsonObject body)
{
    private readonly List<(string Field, string Message)> problems = [];

    /// <summary>Null while every field read so far was good.</summary>
    public Answer? Refusal => problems.Count == 0 ? null : Refusals.InvalidFields(problems);

    public bool Has(string field) => body[field] is not null;

    public void Refuse(string field, string message) => problems.Add((field, message));

    public string? Text(string field, bool required = false, int max = int.MaxValue)
    {
        if (!Present(field, required))
        {
            return null;
        }

        if (body[field]!.GetValueKind() != JsonValueKind.String)
        {
            Refuse(field, "must be a string");
            return null;
        }

        var value = body[field]!.GetValue<string>();
        if (value.Length > max)
        {
            Refuse(field, $"Length must be between 0 and {max}.");
        }

        return value;
    }

    /// <summary>An id or a name: clients send ids as numbers or as strings.</summary>
    public string? IdOrName(string field, bool required = false) =>
        Present(field, required) ? IdOrName(body[field]!, field) : null;

    public long? Number(string field, bool required = false, long min = 1, long max = long.MaxValue)
    {
        if (!Present(field, required))
        {
            return null;
        }

        if (body[field] is JsonValue value && value.TryGetValue<long>(out var number) && number >= min && number <= max)
        {
            return number;
        }

        Refuse(field, "must be an integer in range");
        return null;
    }

    public bool Flag(string field, bool otherwise)
    {
        switch (body[field]?.GetValueKind())
        {
            case null:
                return otherwise;
            case JsonValueKind.True or JsonValueKind.False:
                return body[field]!.GetValue<bool>();
            default:
                Refuse(field, "must be a boolean");
                return otherwise;
        }
    }

    public IReadOnlyList<string> IdsOrNames(string field) =>
        [.. List(field).Select(item => item is null ? null : IdOrName(item, field)).OfType<string>()];

    public IReadOnlyList<long> Numbers(string field)
    {
        var numbers = new List<long>();
        foreach (var item in List(field))
        {
            if (item is JsonValue value && value.TryGetValue<long>(out var number))
            {
                numbers.Add(number);
            }
            else
            {
                Refuse(field, "must be an array of integers");
            }
        }

        return numbers;
    }

    public IReadOnlyList<JsonObject> Objects(string field)
    {
        var items = List(field);
        if (items.All(item => item is JsonObject))
        {
            return [.. items.Cast<JsonObject>()];
        }

        Refuse(field, "must be an array of objects");
        return [];
    }

    public Fields? Object(string field)
    {
        if (body[field] is null)
        {
            return null;
        }

        if (body[field] is JsonObject inner)
        {
            return new Fields(inner);
        }

        Refuse(field, "must be an object");
        return null;
    }

    /// <summary>Null when the request does not name labels at all.</summary>
    public IReadOnlyDictionary<string, string>? Labels()
    {
        if (body["labels"] is null)
        {
            return null;
        }

        if (body["labels"] is not JsonObject given || !given.All(pair => pair.Value?.GetValueKind() == JsonValueKind.String))
        {
            Refuse("labels", "must be an object of strings");
            return null;
        }

        var labels = given.ToDictionary(pair => pair.Key, pair => pair.Value!.GetValue<string>(), StringComparer.Ordinal);
        if (Hetzner.Labels.Problem(labels) is { } problem)
        {
            Refuse("labels", problem);
        }

        return labels;
    }

    /// <summary>A resource's name: not empty, at most 128 characters.</summary>
    public string? Name(bool required)
    {
        var name = Text("name", required);
        if (name is { Length: 0 or > 128 })
        {
            Refuse("name", "Length must be between 1 and 128.");
        }

        return name;
    }

    /// <summary>A server's name: an RFC 1123 host name.</summary>
    public string? HostName(bool required)
    {
        var name = Text("name", required);
        if (name is not null && (name.Length > 253 || !HostNamePattern().IsMatch(name)))
        {
            Refuse("name", "Name must be a valid hostname.");
        }

        return name;
    }

    private bool Present(string field, bool required)
    {
        if (body[field] is not null)
        {
            return true;
        }

        if (required)
        {
            Refuse(field, "Missing data for required field.");
        }

        return false;
    }

    private string? IdOrName(JsonNode node, string field)
    {
        switch (node.GetValueKind())
        {
            case JsonValueKind.String when node.GetValue<string>().Length > 0:
                return node.GetValue<string>();
            case JsonValueKind.Number when ((JsonValue)node).TryGetValue<long>(out var id):
                return id.ToString(CultureInfo.InvariantCulture);
            default:
                Refuse(field, "must be an ID or a name");
                return null;
        }
    }

    private JsonArray List(string field)
    {
        if (body[field] is JsonArray list)
        {
            return list;
        }

        if (body[field] is not null)
        {
            Refuse(field, "must be an array");
        }

        return [];
    }

    [GeneratedRegex(@"^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*\z")]
    private static partial Regex HostNamePattern();
}
