using System.CommandLine;
using Wopr.Cli;

var shared = new SharedOptions();
var root = new RootCommand("""
    wopr: orders beacons, follows them, and steers them as an operator.

    Exit status: 0 well; 1 the job failed, or something that was looked at is not well; 2 the command could not be carried out;
    130 it was interrupted, and the job goes on.

    Examples:
      wopr provision --bundle starter --name alice --email alice@example.com
      wopr list --state failed --json
      wopr resume alice --reason "the registry is back" --wait
    """)
{
    ProvisionCommand.Create(shared),
    FollowCommands.Status(shared),
    FollowCommands.Watch(shared),
    ListCommand.Create(shared),
    VerbCommands.Cancel(shared),
    VerbCommands.Resume(shared),
    VerbCommands.Decommission(shared),
    SupportCommands.Create(shared),
    DoctorCommand.Create(shared),
    ConfigCommand.Create(shared),
    CompletionCommand.Create(),
};
shared.AddTo(root);
var parsed = root.Parse(args);
if (parsed.Errors.Count > 0 && args.Length > 0) return await shared.Output(parsed).RefuseAsync(Refusals.Mistyped(parsed));
var status = await parsed.InvokeAsync();
return parsed.Errors.Count > 0 ? ExitStatus.NotCarriedOut : status;
