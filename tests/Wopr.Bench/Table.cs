using System.Diagnostics;
using Wopr.Bench.Rows;

namespace Wopr.Bench;

/// <summary>One line of the table: what was measured, what it is held against, and what came of it.</summary>
/// <param name="Kept">Null where it could not be measured here; the result says why.</param>
internal sealed record Row(string What, string Goal, string Result, bool? Kept)
{
    public static Row Skipped(string what, string goal, string why) => new(what, goal, $"skipped: {why}", null);
}

/// <summary>Something that is measured. Each starts what it needs and takes it away again.</summary>
internal interface IMeasurement
{
    /// <summary>By which it is asked for on the command line.</summary>
    string Name { get; }

    Task<IReadOnlyList<Row>> RunAsync(Effort effort);
}

/// <param name="Rounds">Both sides are measured as often as this, in turn; the median of the ratios counts.</param>
/// <param name="Round">How long one side is measured in one round.</param>
internal sealed record Effort(int Rounds, TimeSpan Round)
{
    public static readonly Effort Quick = new(3, TimeSpan.FromSeconds(1.5));
    public static readonly Effort Full = new(5, TimeSpan.FromSeconds(4));
}

/// <summary>Measures everything, or the rows that were named, and prints them beside their goals.</summary>
internal static class Table
{
    private static readonly IMeasurement[] All =
    [
        new DataLayer(), new Pipelines(), new HandOver(), new IdleNode(), new CallbackIntake(), new Rendering(), new StartUp(), new LiveStreams(), new Provisionings(), new Growth(),
    ];

    /// <summary>0 when every goal is kept, 1 when one is missed, 2 for a wrong argument.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        var effort = arguments.Contains("--quick") ? Effort.Quick : Effort.Full;
        var wanted = arguments.Where(a => a != "--quick").ToList();
        if (wanted.Except(All.Select(m => m.Name)).FirstOrDefault() is { } unknown)
        {
            await Console.Error.WriteLineAsync($"no row is called {unknown}; there are {string.Join(", ", All.Select(m => m.Name))}");
            return 2;
        }
        var rows = new List<Row>();
        foreach (var measurement in All.Where(m => wanted.Count == 0 || wanted.Contains(m.Name)))
        {
            var start = Stopwatch.GetTimestamp();
            var found = await measurement.RunAsync(effort);
            rows.AddRange(found);
            foreach (var row in found) Console.Error.WriteLine($"  {measurement.Name}: {row.What}: {row.Result}");
            Console.Error.WriteLine($"  {measurement.Name} took {Stopwatch.GetElapsedTime(start).TotalSeconds:0} s");
        }
        Print(rows);
        return rows.Any(r => r.Kept == false) ? 1 : 0;
    }

    private static void Print(List<Row> rows)
    {
        Console.WriteLine("| what | goal | measured | |");
        Console.WriteLine("|---|---|---|---|");
        foreach (var row in rows)
            Console.WriteLine($"| {row.What} | {row.Goal} | {row.Result} | {row.Kept switch { true => "kept", false => "MISSED", null => "skipped" }} |");
    }
}
