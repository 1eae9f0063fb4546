using System.CommandLine;
using System.Diagnostics;

namespace Wopr.Cli;

/// <summary><c>wopr config check</c>: whether the service would start with this environment. The service itself is asked, so both always agree.</summary>
internal static class ConfigCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static Command Create(SharedOptions shared)
    {
        var check = new Command("check", "Checks the environment as the service would at its start, and starts nothing. Status 1 when a value is wrong.\n\nExample: WOPR_SWEEP=report wopr config check");
        check.SetAction(async (parsed, cancellation) =>
        {
            var output = shared.Output(parsed);
            if (Service() is not { } service)
                return await output.RefuseAsync(Refusals.NotUnderstood("The service is not built here: run deploy/up, or dotnet build Wopr.sln -c Release, in the checkout."));
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limit.CancelAfter(Patience);
            using var process = Process.Start(Question(service))!;
            var problems = (await process.StandardError.ReadToEndAsync(limit.Token)).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            await process.WaitForExitAsync(limit.Token);
            if (output.IsJson) Output.Write(new { well = process.ExitCode == 0, problems });
            else if (process.ExitCode == 0) Console.WriteLine("the configuration is well");
            else foreach (var problem in problems) Console.WriteLine(problem);
            return process.ExitCode == 0 ? ExitStatus.Well : ExitStatus.NotWell;
        });
        return new Command("config", "The service's configuration: environment variables, as README.md lists them.") { check };
    }

    /// <summary>What deploy/up brings by itself is not missing: a database, and the sandbox where there are no tokens.</summary>
    private static ProcessStartInfo Question(string service)
    {
        var question = new ProcessStartInfo("dotnet", [service, "--check-configuration"]) { UseShellExecute = false, RedirectStandardError = true };
        foreach (var (name, value) in Brought) question.Environment.TryAdd(name, value);
        return question;
    }

    private static readonly Dictionary<string, string> Brought = new(StringComparer.Ordinal)
    {
        ["WOPR_DATABASE"] = "Host=/brought/by/deploy-up",
        ["WOPR_SANDBOX_HETZNER_URL"] = "http://127.0.0.1:1",
        ["WOPR_SANDBOX_CLOUDFLARE_URL"] = "http://127.0.0.1:1",
        ["WOPR_SANDBOX_GATE_URL"] = "http://127.0.0.1:1",
    };

    /// <summary>The service of the release or the checkout that this program belongs to; null when there is none.</summary>
    private static string? Service()
    {
        var released = Path.Combine(AppContext.BaseDirectory, "..", "service", "Wopr.Orchestrator.dll");
        if (File.Exists(released)) return released;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (!File.Exists(Path.Combine(folder.FullName, "Wopr.sln"))) continue;
            var built = Path.Combine(folder.FullName, "orchestrator", "Wopr.Orchestrator", "bin", "Release", "net10.0", "Wopr.Orchestrator.dll");
            return File.Exists(built) ? built : null;
        }
        return null;
    }
}
