using System.Text.Json;
using Wopr.Integration.Tests.Stack;
using Wopr.Tests.Support;

namespace Wopr.Integration.Tests.OpenApi;

/// <summary>The API's document is complete, and the command line's client is made from it.</summary>
public sealed class ApiDocumentTests
{
    [Fact]
    public async Task Every_operation_says_what_it_takes_answers_and_refuses_with_examples_and_the_client_is_made_of_it()
    {
        await using var stack = await WoprStack.StartAsync(boot: "none");
        var document = JsonSerializer.Deserialize<JsonElement>(await stack.Http.GetStringAsync("/openapi/v1.json"));

        var operations = document.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Where(o => o.Value.ValueKind == JsonValueKind.Object).Select(o => (Where: $"{o.Name} {path.Name}", o.Value))).ToList();
        operations.SelectMany(o => Lacks(o.Where, o.Value)).ShouldBeEmpty();
        operations.Select(o => o.Value.GetProperty("operationId").GetString()).ShouldBeUnique();

        Snapshot.MatchFile(Path.Combine(Repository.Root, "orchestrator", "Wopr.Cli", "Api", "WoprApi.g.cs"), ClientGenerator.Generate(document));
    }

    private static IEnumerable<string> Lacks(string where, JsonElement operation)
    {
        if (!operation.TryGetProperty("operationId", out _)) yield return $"{where} has no name";
        if (!operation.TryGetProperty("summary", out _)) yield return $"{where} has no summary";
        if (!operation.TryGetProperty("tags", out _)) yield return $"{where} has no tag";
        var responses = operation.GetProperty("responses").EnumerateObject().ToList();
        foreach (var response in responses)
            foreach (var content in Contents(response.Value).Where(c => c.Name.Contains("json", StringComparison.Ordinal)))
            {
                if (!content.Value.TryGetProperty("schema", out _)) yield return $"{where} {response.Name} has no schema";
                if (!content.Value.TryGetProperty("example", out _)) yield return $"{where} {response.Name} has no example";
            }
        if (responses.All(r => !r.Value.TryGetProperty("content", out _) && r.Name == "200")) yield return $"{where} does not say what it answers";
        if (operation.TryGetProperty("requestBody", out var body))
            foreach (var content in Contents(body).Where(c => !c.Value.TryGetProperty("example", out _))) yield return $"{where} takes {content.Name} without an example";
    }

    private static JsonElement.ObjectEnumerator Contents(JsonElement part) => part.TryGetProperty("content", out var content) ? content.EnumerateObject() : default;
}
