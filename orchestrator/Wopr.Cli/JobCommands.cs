using System.CommandLine;

namespace Wopr.Cli;

/// <summary><c>wopr watch JOB</c>: follows a job to its end.</summary>
internal static class WatchCommand
{
    public static Command Create()
    {
        var service = ServiceOption.Create();
        var job = new Argument<string>("job") { Description = "The job's id" };
        var command = new Command("watch", "Follows a job until it is ready or has failed.") { job, service };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = new WoprClient(parsed.GetRequiredValue(service));
            return await new Follower(client, ProgressViews.Choose(), TimeProvider.System).FollowAsync(parsed.GetRequiredValue(job), cancellation);
        });
        return command;
    }
}

/// <summary><c>wopr status JOB</c>: where a job stands, with its timeline.</summary>
internal static class StatusCommand
{
    public static Command Create()
    {
        var service = ServiceOption.Create();
        var job = new Argument<string>("job") { Description = "The job's id" };
        var command = new Command("status", "Shows where a job stands, with its timeline.") { job, service };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = new WoprClient(parsed.GetRequiredValue(service));
            var answer = await client.StatusAsync(parsed.GetRequiredValue(job), cancellation);
            if (answer.Value is not { } status)
            {
                await Console.Error.WriteLineAsync($"wopr: {answer.Problem}");
                return ExitStatus.NotCarriedOut;
            }
            Console.WriteLine($"{status.Beacon.Fqdn}  {status.State}  {status.Progress}%  {status.Beacon.Url}");
            foreach (var entry in status.Timeline)
                Console.WriteLine($"{entry.Seq,4}  {entry.At:HH:mm:ss}  {entry.Kind,-12} {string.Join("  ", new[] { entry.State, entry.Stage, entry.Module, entry.Code, entry.Message }.Where(part => part is not null))}");
            if (status.Error is { } error) Console.WriteLine($"{error.Code} {error.Title}: {error.WhatHappened}");
            return status.HasFailed ? ExitStatus.JobFailed : ExitStatus.Well;
        });
        return command;
    }
}
