using System.Diagnostics;

namespace Wopr.Bench;

/// <summary>The few numbers that measurements come to.</summary>
internal static class Figures
{
    public static double Median(IEnumerable<double> values) => Percentile(values, 50);

    /// <summary>The nearest rank; 0 when there is nothing.</summary>
    public static double Percentile(IEnumerable<double> values, double percent)
    {
        var sorted = values.Order().ToList();
        return sorted.Count == 0 ? 0 : sorted[Math.Clamp((int)Math.Ceiling(percent / 100 * sorted.Count) - 1, 0, sorted.Count - 1)];
    }

    /// <summary>How often a second something can be done by so many at once; each counts for itself.</summary>
    public static async Task<double> RateAsync(int workers, TimeSpan duration, Func<int, int, Task> once)
    {
        var start = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, workers).Select(worker => Task.Run(async () =>
        {
            var done = 0;
            for (; Stopwatch.GetElapsedTime(start) < duration; done++) await once(worker, done);
            return done;
        })));
        return counts.Sum() / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>
    /// Until a service that was just started has compiled what it does most: three rounds in a row are not much faster than
    /// the best before. A dozen rounds at most.
    /// </summary>
    public static async Task SettleAsync(Func<Task<double>> rate)
    {
        var best = await rate();
        for (int i = 0, still = 0; i < 11 && still < 3; i++)
        {
            var now = await rate();
            still = now < best * 1.05 ? still + 1 : 0;
            best = Math.Max(best, now);
        }
    }

    /// <summary>Until a process has done what it does in the background: it takes less than a tenth of a core for a second. A minute at most.</summary>
    public static async Task CalmAsync(Process process)
    {
        var took = TimeSpan.MaxValue;
        for (var i = 0; i < 60 && took > TimeSpan.FromSeconds(0.1); i++)
        {
            process.Refresh();
            var before = process.TotalProcessorTime;
            await Task.Delay(TimeSpan.FromSeconds(1));
            process.Refresh();
            took = process.TotalProcessorTime - before;
        }
    }

    /// <summary>Ours against the other, in turn, after one round that does not count.</summary>
    public static async Task<(double Ours, double Other, double Ratio)> CompareAsync(Effort effort, Func<Task<double>> ours, Func<Task<double>> other)
    {
        await other();
        await ours();
        var rounds = new List<(double Ours, double Other)>();
        for (var i = 0; i < effort.Rounds; i++)
        {
            var theirs = await other();
            rounds.Add((await ours(), theirs));
        }
        return (Median(rounds.Select(r => r.Ours)), Median(rounds.Select(r => r.Other)), Median(rounds.Select(r => r.Ours / r.Other)));
    }

    public static double Milliseconds(long since) => Stopwatch.GetElapsedTime(since).TotalMilliseconds;
}
