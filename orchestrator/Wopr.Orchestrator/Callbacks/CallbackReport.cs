using System.Text.Json;
using Wopr.Beacons;
using Wopr.Provisioning;

namespace Wopr.Callbacks;

/// <summary>One report of a beacon, parsed: <c>{stage, progress, module?, message?, error?, agent?, seq}</c>.</summary>
/// <param name="Progress">0 to 100.</param>
/// <param name="Seq">Counted by the beacon from 1; a repeat has the same number.</param>
/// <param name="Agent">With <c>complete</c>: the SHA-256 of the token by which the beacon's agent is known from now on.</param>
public sealed record CallbackReport(BeaconStage Stage, int Progress, string? Module, string? Message, string? Error, long Seq, AgentTokenHash? Agent = null)
{
    /// <summary>The message with which the runner says that a module is up.</summary>
    public const string ModuleReady = "ready";

    private const int LongestModule = 63;

    // Log lines of a failure are kept for the operator; the event holds no more than this many characters.
    private const int LongestMessage = 8192;

    /// <summary>The report, or what is not understood about the body.</summary>
    public static (CallbackReport? Report, string? Problem) Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 8 });
            return Parse(document.RootElement);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // The second is what half a character in an escape comes to.
            return (null, "the body is not JSON");
        }
    }

    private static (CallbackReport?, string?) Parse(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object) return (null, "the body is not a JSON object");
        if (!BeaconStages.TryParse(Text(root, "stage"), out var stage)) return (null, $"stage is one of {string.Join(", ", Enum.GetValues<BeaconStage>().Select(s => s.Word()))}");
        if (!root.TryGetProperty("progress", out var progress) || progress.ValueKind != JsonValueKind.Number || !progress.TryGetInt32(out var percent) || percent is < 0 or > 100)
            return (null, "progress is a whole number from 0 to 100");
        if (!root.TryGetProperty("seq", out var seq) || seq.ValueKind != JsonValueKind.Number || !seq.TryGetInt64(out var number) || number < 1)
            return (null, "seq is a whole number from 1");
        foreach (var name in new[] { "module", "message", "error", "agent" })
            if (root.TryGetProperty(name, out var value) && value.ValueKind is not (JsonValueKind.String or JsonValueKind.Null))
                return (null, $"{name} is a string");
        var module = Text(root, "module");
        if (module is { Length: > LongestModule }) return (null, $"module has at most {LongestModule} characters");
        AgentTokenHash? agent = null;
        if (Empty(Text(root, "agent")) is { } text)
        {
            agent = AgentTokenHash.Parse(text);
            if (agent is null || stage != BeaconStage.Complete) return (null, "agent comes with the stage complete and is a SHA-256 in 64 hexadecimal digits");
        }
        return (new CallbackReport(stage, percent, Empty(module), Clean(Text(root, "message")), Empty(Text(root, "error")), number, agent), null);
    }

    private static string? Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string? Empty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    // PostgreSQL stores no NUL; other control characters would only confuse whoever reads the timeline.
    private static string? Clean(string? text)
    {
        if (string.IsNullOrEmpty(text)) return null;
        var clean = string.Concat(text.Where(c => !char.IsControl(c) || c is '\n' or '\t'));
        return clean.Length <= LongestMessage ? clean : clean[^LongestMessage..];
    }
}
