using System.CommandLine;
using System.Globalization;
using Wopr.Cli.Api;

namespace Wopr.Cli;

/// <summary><c>wopr support diagnose</c>: names the code behind a job's trouble, a log, or what somebody says, with the evidence.</summary>
internal static class DiagnoseCommand
{
    public static Command Create(SharedOptions shared)
    {
        var job = new Argument<string?>("job") { Description = "The job to look at", Arity = ArgumentArity.ZeroOrOne };
        var log = new Option<string?>("--log") { Description = "A file with lines of a log; - is standard input" };
        var text = new Option<string?>("--text") { Description = "What somebody says about it" };
        var command = new Command("diagnose", """
            Names the error code behind a job's trouble, a log, or a description, and quotes the evidence. Status 1 when nothing fits.

            Examples: wopr support diagnose alice; journalctl -u wopr-outline | wopr support diagnose --log -
            """) { job, log, text };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var api = shared.Connect(parsed);
            var output = shared.Output(parsed);
            var (lines, unread) = await ReadAsync(parsed.GetValue(log), cancellation);
            if (unread is not null) return await output.RefuseAsync(unread);
            if (parsed.GetValue(job) is null && lines is null && parsed.GetValue(text) is null) return await output.RefuseAsync(Refusals.NotUnderstood("Name a job, or give --log FILE or --text WORDS."));
            string? id = null;
            if (parsed.GetValue(job) is { } named)
            {
                (id, var refusal) = await JobArgument.FindAsync(api, named, cancellation);
                if (id is null) return await output.RefuseAsync(refusal!);
            }
            var answer = await api.DiagnoseAsync(new DiagnosisForm { Job = id, Log = lines, Text = parsed.GetValue(text) }, cancellation);
            var shown = await output.ShowAsync(answer, Show);
            return answer.Value is { Codes.Count: 0 } ? ExitStatus.NotWell : shown;
        });
        return command;
    }

    private static async Task<(string? Lines, Refusal? Unread)> ReadAsync(string? file, CancellationToken cancellation)
    {
        if (file is null) return (null, null);
        if (file == "-") return (await Console.In.ReadToEndAsync(cancellation), null);
        try
        {
            return (await File.ReadAllTextAsync(file, cancellation), null);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return (null, Refusals.NotUnderstood($"{file} cannot be read: {error.Message}"));
        }
    }

    /// <summary>The lines of a piece of Markdown, without the fences around commands.</summary>
    private static IEnumerable<string> Lines(string markdown) => markdown.Split('\n', StringSplitOptions.TrimEntries).Where(line => line.Length > 0 && !line.StartsWith("```", StringComparison.Ordinal));

    private static int Show(DiagnosisView diagnosis)
    {
        foreach (var found in diagnosis.Codes)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{found.Code} {found.Title}  ({found.Confidence:P0}, {found.Role}{(found.FollowsFrom is { } cause ? $" of {cause}" : "")})"));
            foreach (var evidence in found.Evidence) Console.WriteLine($"  {evidence.Source}: {evidence.Text}");
            Console.WriteLine($"  next: {string.Join("\n        ", Lines(found.NextCheck))}");
            if (found.Remedy is { } remedy) Console.WriteLine($"  remedy: {remedy.Name} ({remedy.Tier}): {remedy.Summary}");
        }
        foreach (var not in diagnosis.RuledOut) Console.WriteLine($"not {not.Code}: {not.Why}");
        if (diagnosis.NotLookedAt.Count > 0) Console.WriteLine($"did not answer: {string.Join(", ", diagnosis.NotLookedAt)}");
        if (diagnosis.Codes.Count == 0) Console.WriteLine($"unknown: no code fits. {diagnosis.NextCheck}");
        return ExitStatus.Well;
    }
}
