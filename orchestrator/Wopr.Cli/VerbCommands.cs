using System.CommandLine;
using Wopr.Cli.Api;

namespace Wopr.Cli;

/// <summary><c>wopr cancel</c>, <c>resume</c> and <c>decommission</c>: what operators do with jobs. Each wants a reason, which is kept.</summary>
internal static class VerbCommands
{
    private delegate Task<Answer<VerbAnswer>> Act(WoprApi api, string job, VerbForm form, CancellationToken cancellation);

    public static Command Cancel(SharedOptions shared) => Create(shared, "cancel",
        "Stops a job before it is completed and removes everything of it.\n\nExample: wopr cancel alice --reason \"the customer wrote\" --wait",
        (api, job, form, cancellation) => api.CancelAsync(job, form, cancellation), ["cancelled"]);

    public static Command Decommission(SharedOptions shared) => Create(shared, "decommission",
        "Takes a completed beacon down for good; its name becomes free. Its data is gone.\n\nExample: wopr decommission alice --reason \"contract ended\" --wait",
        (api, job, form, cancellation) => api.DecommissionAsync(job, form, cancellation), ["rolled_back"]);

    public static Command Resume(SharedOptions shared)
    {
        var from = new Option<string?>("--from") { Description = "The state to go on from: the one that failed (the default), or provisioning_vps for a new server" };
        return Create(shared, "resume", "Takes a failed job up again.\n\nExample: wopr resume alice --reason \"the registry is back\" --wait",
            (api, job, form, cancellation) => api.ResumeAsync(job, form, cancellation), ["completed"], from);
    }

    private static Command Create(SharedOptions shared, string name, string description, Act act, string[] wanted, Option<string?>? from = null)
    {
        var job = JobArgument.Create();
        var reason = new Option<string>("--reason") { Description = "Why; kept in the audit log", Required = true };
        var wait = new Option<bool>("--wait") { Description = "Follow the job to its end; status 1 when it is another one than was asked for" };
        var command = new Command(name, description) { job, reason, wait };
        if (from is not null) command.Options.Add(from);
        command.SetAction(async (parsed, cancellation) =>
        {
            using var api = shared.Connect(parsed);
            var output = shared.Output(parsed);
            var (id, refusal) = await JobArgument.FindAsync(api, parsed.GetRequiredValue(job), cancellation);
            if (id is null) return await output.RefuseAsync(refusal!);
            var answer = await act(api, id, new VerbForm { Reason = parsed.GetRequiredValue(reason), From = from is null ? null : parsed.GetValue(from) }, cancellation);
            var shown = await output.ShowAsync(answer, done =>
            {
                Console.WriteLine($"{done.Verb}: {done.Detail}");
                return ExitStatus.Well;
            });
            return shown == ExitStatus.Well && parsed.GetValue(wait) ? await Follower.Create(api, output, wanted).FollowAsync(id, cancellation) : shown;
        });
        return command;
    }
}
