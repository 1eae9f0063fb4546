using System.Text.Json;

namespace Wopr.Sandbox.Wire;

/// <summary>What a call came to: a status, a body (an object to be written as JSON, or null for none), and headers of its own.</summary>
public sealed record Answer(int Status, object? Body)
{
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    public string ContentType { get; init; } = "application/json";

    /// <summary>A refusal must leave nothing behind in the books.</summary>
    public bool IsRefusal => Status >= 400;

    public byte[] Bytes() => Body switch
    {
        null => [],
        string text => System.Text.Encoding.UTF8.GetBytes(text),
        _ => JsonSerializer.SerializeToUtf8Bytes(Body, WireJson.Wire),
    };
}
