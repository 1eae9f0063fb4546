using System.CommandLine;
using Wopr.Cli.Api;

namespace Wopr.Cli;

/// <summary><c>wopr support</c>: from a code or a symptom to what it means.</summary>
internal static class SupportCommands
{
    public static Command Create(SharedOptions shared) => new("support", "Finds out what is wrong.") { Lookup(shared), DiagnoseCommand.Create(shared), RemedyCommands.Proposals(shared), RemedyCommands.Approve(shared), RemedyCommands.Reject(shared) };

    private static Command Lookup(SharedOptions shared)
    {
        var words = new Argument<string[]>("words") { Description = "An error code, or words of a symptom or a log line", Arity = ArgumentArity.OneOrMore };
        var command = new Command("lookup", "Looks an error code up, or finds the codes that fit some words. Status 1 when nothing fits.\n\nExamples: wopr support lookup HETZ-005; wopr support lookup server never starts") { words };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var api = shared.Connect(parsed);
            var output = shared.Output(parsed);
            var text = string.Join(' ', parsed.GetRequiredValue(words));
            if (!IsCode(text))
            {
                var fitting = await api.ErrorsAsync(text, cancellation);
                var shown = await output.ShowAsync(fitting, ShowList);
                return fitting.Value is { Errors.Count: 0 } ? ExitStatus.NotWell : shown;
            }
            return await output.ShowAsync(await api.ErrorAsync(text.ToUpperInvariant(), cancellation), Show);
        });
        return command;
    }

    private static bool IsCode(string text) =>
        text.Split('-') is [var area, { Length: 3 } number] && area.Length > 0 && area.All(char.IsAsciiLetter) && number.All(char.IsAsciiDigit);

    private static int ShowList(ErrorListView found)
    {
        foreach (var error in found.Errors) Console.WriteLine($"{error.Code,-13} {error.Title}");
        if (found.Errors.Count == 0) Console.WriteLine("nothing fits");
        return ExitStatus.Well;
    }

    private static int Show(ErrorView error)
    {
        Console.WriteLine($"{error.Code} {error.Title}");
        foreach (var (title, text) in new[] { ("Symptom", error.Symptom), ("Cause", error.Cause), ("Diagnosis", error.Diagnosis), ("Solution", error.Solution), ("Prevention", error.Prevention) })
            Console.WriteLine($"\n{title}\n{text.Trim()}");
        if (error.Remedy is { } remedy) Console.WriteLine($"\nRemedy\n{remedy.Name} ({remedy.Tier}): {remedy.Summary}");
        Console.WriteLine($"\nWhat the customer is told\n{error.Customer.WhatHappened} {error.Customer.WhatWeDo} {error.Customer.WhatYouCanDo}");
        return ExitStatus.Well;
    }
}
