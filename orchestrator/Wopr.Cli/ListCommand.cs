using System.CommandLine;
using System.Globalization;
using Wopr.Cli.Api;

namespace Wopr.Cli;

/// <summary><c>wopr list</c>: jobs, newest first; for operators.</summary>
internal static class ListCommand
{
    public static Command Create(SharedOptions shared)
    {
        var state = new Option<string?>("--state") { Description = "Only jobs in this state; several with commas" };
        var code = new Option<string?>("--code") { Description = "Only jobs with this error code" };
        var query = new Option<string?>("--query", "-q") { Description = "How the beacon's name or the job's id begins" };
        var limit = new Option<int?>("--limit") { Description = "The most jobs, 1 to 200 (default 50)", CustomParser = result => SharedOptions.Number(result) };
        var cursor = new Option<string?>("--cursor") { Description = "Where the page before ended" };
        var command = new Command("list", "Lists jobs, newest first; for operators.\n\nExample: wopr list --state failed,rolling_back") { state, code, query, limit, cursor };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var api = shared.Connect(parsed);
            var answer = await api.JobsAsync(parsed.GetValue(state), parsed.GetValue(code), parsed.GetValue(query), parsed.GetValue(limit), parsed.GetValue(cursor), cancellation);
            return await shared.Output(parsed).ShowAsync(answer, Show);
        });
        return command;
    }

    private static int Show(JobPage page)
    {
        if (page.Jobs.Count > 0) Console.WriteLine($"{"JOB",-36}  {"ORDERED (UTC)",-16}  {"STATE",-17} {"",4}  {"ERROR",-12} {"BUNDLE/TIER",-22} BEACON");
        foreach (var job in page.Jobs)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{job.JobId}  {job.CreatedAt.UtcDateTime:yyyy-MM-dd HH:mm}  {job.State,-17} {job.Progress,3}%  {job.ErrorCode ?? "-",-12} {$"{job.Bundle}/{job.Tier}",-22} {job.Fqdn}"));
        if (page.Jobs.Count == 0) Console.WriteLine("no jobs");
        if (page.Next is { } next) Console.WriteLine($"more: --cursor {next}");
        return ExitStatus.Well;
    }
}
