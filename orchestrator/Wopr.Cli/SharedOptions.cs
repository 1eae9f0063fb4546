using System.CommandLine;
using System.Text.Json;
using Wopr.Cli.Api;

namespace Wopr.Cli;

/// <summary>What every command understands: which service it talks to, as whom, and how it answers.</summary>
internal sealed class SharedOptions
{
    private readonly Option<Uri> service = new("--service")
    {
        Description = "Address of the service (default: WOPR_SERVICE, else what deploy/up wrote to .wopr/endpoints.json here, else http://localhost:8001)",
        Recursive = true,
        DefaultValueFactory = _ => Default(),
        CustomParser = result =>
        {
            if (Parse(result.Tokens[0].Value) is { } url) return url;
            result.AddError($"'{result.Tokens[0].Value}' is not an address such as http://localhost:8001");
            return null;
        },
    };

    private readonly Option<string?> operatorKey = new("--operator-key")
    {
        Description = "An operator's key; better given as WOPR_OPERATOR_KEY, where no list of processes shows it",
        Recursive = true,
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("WOPR_OPERATOR_KEY") is { Length: > 0 } key ? key : null,
    };

    private readonly Option<bool> json = new("--json") { Description = "Answer in JSON, as the API does", Recursive = true };

    public void AddTo(Command root)
    {
        root.Options.Add(service);
        root.Options.Add(operatorKey);
        root.Options.Add(json);
    }

    public WoprApi Connect(ParseResult parsed) => new(parsed.GetRequiredValue(service), parsed.GetValue(operatorKey));

    public Output Output(ParseResult parsed) => new(parsed.GetValue(json));

    private static Uri Default() =>
        Parse(Environment.GetEnvironmentVariable("WOPR_SERVICE")) ?? Parse(Written()) ?? new Uri("http://localhost:8001");

    private static Uri? Parse(string? text) => Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? url : null;

    /// <summary>The address that deploy/up left in this folder or one above it.</summary>
    private static string? Written()
    {
        for (var folder = new DirectoryInfo(Environment.CurrentDirectory); folder is not null; folder = folder.Parent)
        {
            var file = Path.Combine(folder.FullName, ".wopr", "endpoints.json");
            if (!File.Exists(file)) continue;
            try
            {
                return JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(file)).TryGetProperty("service", out var address) ? address.GetString() : null;
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
            {
                Console.Error.WriteLine($"wopr: {file} is not understood, and not used: {error.Message}");
                return null;
            }
        }
        return null;
    }
}
