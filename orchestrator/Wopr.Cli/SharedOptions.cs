using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;
using Wopr.Cli.Api;

namespace Wopr.Cli;

/// <summary>What every command understands: which service it talks to, as whom, and how it answers.</summary>
internal sealed class SharedOptions
{
    private readonly Option<Uri?> service = new("--service")
    {
        Description = "Address of the service (default: WOPR_SERVICE, else what deploy/up wrote to .wopr/endpoints.json here, else http://localhost:8001)",
        Recursive = true,
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
    };

    private readonly Option<bool> json = new("--json") { Description = "Answer in JSON, as the API does", Recursive = true };

    public void AddTo(Command root)
    {
        root.Options.Add(service);
        root.Options.Add(operatorKey);
        root.Options.Add(json);
    }

    // No default of an option is read from the environment: help would print it, and one of them is a secret.
    public WoprApi Connect(ParseResult parsed)
    {
        var named = parsed.GetValue(service) is null ? Environment.GetEnvironmentVariable("WOPR_SERVICE") : null;
        var wrong = named is { Length: > 0 } && Parse(named) is null ? Refusals.WrongSetting($"WOPR_SERVICE '{named}' is not an address such as http://localhost:8001") : null;
        return new(parsed.GetValue(service) ?? Parse(named) ?? Parse(Written()) ?? new Uri("http://localhost:8001"), Key(parsed), wrong);
    }

    public Output Output(ParseResult parsed) => new(parsed.GetValue(json));

    /// <summary>A whole number, or a refusal in plain words.</summary>
    public static int Number(ArgumentResult result)
    {
        if (int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return number;
        result.AddError($"'{result.Tokens[0].Value}' is not a number.");
        return 0;
    }

    private string? Key(ParseResult parsed) =>
        parsed.GetValue(operatorKey) ?? (Environment.GetEnvironmentVariable("WOPR_OPERATOR_KEY") is { Length: > 0 } key ? key : null);

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
