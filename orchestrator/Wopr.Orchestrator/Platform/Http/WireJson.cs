using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Wopr.Platform.Http;

internal static class WireJson
{
    /// <summary>Null for whatever cannot be read as this, be it HTML or half an answer.</summary>
    public static T? TryRead<T>(ReadOnlySpan<byte> body, JsonTypeInfo<T> type) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(body, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
