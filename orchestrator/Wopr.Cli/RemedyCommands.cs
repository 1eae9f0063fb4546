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
        var command = new Command("proposals", "Lists repairs that wait for a human.\n\nExample: wopr support proposals --all") { all };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var api = shared.Connect(parsed);
            return await shared.Output(parsed).ShowAsync(await api.ListRemedyRunsAsync(open: parsed.GetValue(all) ? null : true, cancellation: cancellation), Show);
        });
        return command;
    }

    public static Command Approve(SharedOptions shared) => Create(shared, "approve", "Has a proposed repair carried out.\n\nExample: wopr support approve 0199c4a4-7f52-4e0b-9d2c-5b8f4f0c6a31 --reason \"the customer was told\"",
        (api, run, decision, cancellation) => api.ApproveRemedyAsync(run, decision, cancellation));

    public static Command Reject(SharedOptions shared) => Create(shared, "reject", "Refuses a proposed repair.\n\nExample: wopr support reject 0199c4a4-7f52-4e0b-9d2c-5b8f4f0c6a31 --reason \"the customer repairs it\"",
        (api, run, decision, cancellation) => api.RejectRemedyAsync(run, decision, cancellation));

    private static Command Create(SharedOptions shared, string name, string description, Decide decide)
    {
        var run = new Argument<Guid>("run")
        {
            Description = "The proposal's id, as wopr support proposals lists it",
            CustomParser = result =>
            {
                if (Guid.TryParse(result.Tokens[0].Value, out var id)) return id;
                result.AddError($"'{result.Tokens[0].Value}' is not the id of a proposal; wopr support proposals lists them.");
                return Guid.Empty;
            },
        };
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
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{run.Id}  {run.At.UtcDateTime:yyyy-MM-dd HH:mm} UTC  {run.Status,-9} {run.Remedy,-18} {run.JobId}  {run.AskedKind} {run.AskedBy}: {run.Reason}"));
        if (runs.Runs.Count == 0) Console.WriteLine("none");
        return ExitStatus.Well;
    }
}
