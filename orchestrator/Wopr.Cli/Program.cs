using System.CommandLine;
using Wopr.Cli;

var root = new RootCommand("wopr: orders beacons and follows them. Exit status: 0 well, 1 the job failed, 2 the command could not be carried out.");
root.Subcommands.Add(ProvisionCommand.Create());
root.Subcommands.Add(WatchCommand.Create());
root.Subcommands.Add(StatusCommand.Create());
return await root.Parse(args).InvokeAsync();
