using System.CommandLine;
using System.Globalization;
using Wopr.Cli.Api;

namespace Wopr.Cli;

/// <summary><c>wopr support proposals|approve|reject</c>: repairs that support proposed, and what a human says to them.</summary>
internal static class RemedyCommands
{
    private delegate Task<Answer<RemedyAnswer>> Decide(WoprApi api, Guid run, RemedyDecision decision, CancellationToken cancellation);

    public static Command Proposals(SharedOptions shared)
    {
        var all = new Option<bool>("--all") { Description = "Also what was decided and run" };
        var command = new Command("proposals", "Lists repairs that wait for a human.") { all };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var api = shared.Connect(parsed);
            return await shared.Output(parsed).ShowAsync(await api.ListRemedyRunsAsync(open: parsed.GetValue(all) ? null : true, cancellation: cancellation), Show);
        });
        return command;
    }

    public static Command Approve(SharedOptions shared) => Create(shared, "approve", "Has a proposed repair carried out.",
        (api, run, decision, cancellation) => api.ApproveRemedyAsync(run, decision, cancellation));

    public static Command Reject(SharedOptions shared) => Create(shared, "reject", "Refuses a proposed repair.",
        (api, run, decision, cancellation) => api.RejectRemedyAsync(run, decision, cancellation));

    private static Command Create(SharedOptions shared, string name, string description, Decide decide)
    {
        var run = new Argument<Guid>("run") { Description = "The proposal's id, as wopr support proposals lists it" };
        var reason = new Option<string>("--reason") { Description = "Why; kept in the audit log", Required = true };
        var command = new Command(name, description) { run, reason };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var api = shared.Connect(parsed);
            var answer = await decide(api, parsed.GetRequiredValue(run), new RemedyDecision { Reason = parsed.GetRequiredValue(reason) }, cancellation);
            return await shared.Output(parsed).ShowAsync(answer, decided =>
            {
                Console.WriteLine($"{decided.Remedy}: {decided.Status}{(decided.Detail is { } detail ? $", {detail}" : "")}");
                return ExitStatus.Well;
            });
        });
        return command;
    }

    private static int Show(RemedyRunsView runs)
    {
        foreach (var run in runs.Runs)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{run.Id}  {run.At:yyyy-MM-dd HH:mm}  {run.Status,-9} {run.Remedy,-18} {run.JobId}  {run.AskedKind} {run.AskedBy}: {run.Reason}"));
        if (runs.Runs.Count == 0) Console.WriteLine("none");
        return ExitStatus.Well;
    }
}
