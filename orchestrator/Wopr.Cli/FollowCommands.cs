using System.CommandLine;
using System.Globalization;
using Wopr.Cli.Api;

namespace Wopr.Cli;

/// <summary><c>wopr status</c> and <c>wopr watch</c>.</summary>
internal static class FollowCommands
{
    public static Command Watch(SharedOptions shared)
    {
        var job = JobArgument.Create();
        var command = new Command("watch", "Follows a job until it is ready or has failed. With --json, one line for each change.\n\nExample: wopr watch 0199c4a4-7f52-4e0b-9d2c-5b8f4f0c6a31") { job };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var api = shared.Connect(parsed);
            var output = shared.Output(parsed);
            var (id, refusal) = await JobArgument.FindAsync(api, parsed.GetRequiredValue(job), cancellation);
            return id is null ? await output.RefuseAsync(refusal!) : await Follower.Create(api, output).FollowAsync(id, cancellation);
        });
        return command;
    }

    public static Command Status(SharedOptions shared)
    {
        var job = JobArgument.Create();
        var command = new Command("status", "Shows where a job stands, with its timeline. Status 1 when it has failed.\n\nExample: wopr status alice --json") { job };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var api = shared.Connect(parsed);
            var output = shared.Output(parsed);
            var (id, refusal) = await JobArgument.FindAsync(api, parsed.GetRequiredValue(job), cancellation);
            if (id is null) return await output.RefuseAsync(refusal!);
            var answer = await api.JobStatusAsync(id, cancellation);
            var shown = await output.ShowAsync(answer, Show);
            return answer.Value is { HasFailed: true } ? ExitStatus.JobFailed : shown;
        });
        return command;
    }

    private static int Show(JobStatus status)
    {
        Console.WriteLine($"{status.Beacon.Fqdn}  {status.State}  {status.Progress}%  {status.Beacon.Url}");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ordered {status.CreatedAt.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC; what happened, at (UTC):"));
        foreach (var entry in status.Timeline)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{entry.Seq,4}  {entry.At.UtcDateTime:MM-dd HH:mm:ss}  {entry.Kind,-12} {string.Join("  ", new[] { entry.State, entry.Stage, entry.Module, entry.Code, entry.Message }.Where(part => part is not null))}"));
        if (status.Error is { } error) Console.WriteLine($"{error.Code} {error.Title}: {error.WhatHappened}");
        return ExitStatus.Well;
    }
}
