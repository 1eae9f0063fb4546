using System.CommandLine;

namespace Wopr.Cli;

/// <summary>Which service a command talks to: <c>--service</c>, else WOPR_SERVICE, else this machine's.</summary>
internal static class ServiceOption
{
    public static Option<Uri> Create() => new("--service")
    {
        Description = "Address of the service (default: WOPR_SERVICE, or http://localhost:8001)",
        DefaultValueFactory = _ => new Uri(Environment.GetEnvironmentVariable("WOPR_SERVICE") ?? "http://localhost:8001"),
        CustomParser = result =>
        {
            if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var url) && url.Scheme is "http" or "https") return url;
            result.AddError($"'{result.Tokens[0].Value}' is not an address such as http://localhost:8001");
            return null;
        },
    };
}

/// <summary>The exit statuses of every command.</summary>
internal static class ExitStatus
{
    public const int Well = 0;
    public const int JobFailed = 1;
    public const int NotCarriedOut = 2;
}
