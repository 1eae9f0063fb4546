using System.Diagnostics;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Wopr.Platform.Work;
using Wopr.Provisioning;

namespace Wopr.Bench.Rows;

/// <summary>What it costs to move a job, and to look for due work, while more and more jobs are in flight.</summary>
internal sealed class Growth : IMeasurement
{
    private const int Callers = 8;
    private const double MostGrowth = 2;

    private static readonly int[] InFlight = [10, 100, 1000, 10_000];

    public string Name => "growth";

    public async Task<IReadOnlyList<Row>> RunAsync(Effort effort)
    {
        await using var house = await BenchHouse.OpenAsync();
        await using var parts = house.Parts();
        var (store, queue) = (parts.GetRequiredService<JobStore>(), parts.GetRequiredService<WorkQueue>());
        var jobs = new List<BenchJob>();
        var (moves, looks) = (new List<double>(), new List<double>());
        foreach (var count in InFlight)
        {
            jobs.AddRange(await house.AddJobsAsync(count - jobs.Count, "deploying_wopr"));
            // As autovacuum does within a minute: jobs do not come by thousands between two rounds of it.
            await using (var connection = await house.Source.OpenConnectionAsync()) await connection.ExecuteAsync("ANALYZE jobs, orders, work_items, events");
            var job = (await store.FindAsync(new JobId(jobs[0].Id), CancellationToken.None))!;
            // Spread over all of them, each in its turn.
            Task MoveAsync(int turn) => MoveOneAsync(store, job with { Id = new JobId(jobs[(int)(turn * 7919L % jobs.Count)].Id) });
            await Figures.RateAsync(Callers, TimeSpan.FromSeconds(1), (caller, i) => MoveAsync((i * Callers) + caller));
            moves.Add(1000 * Callers / await Figures.RateAsync(Callers, effort.Round, (caller, i) => MoveAsync((i * Callers) + caller)));
            looks.Add(await LookAsync(queue));
        }
        return [Of("a job's move", moves), Of("a look for due work that finds none", looks)];
    }

    private static Task<Job> MoveOneAsync(JobStore store, Job job) =>
        store.MoveAsync(new WorkLease(JobStore.WorkOf(job.Id), Fence: 0, Attempt: 1, Signals: 0), job, job.State, null, CancellationToken.None);

    private static async Task<double> LookAsync(WorkQueue queue)
    {
        var took = new List<double>();
        for (var i = 0; i < 100; i++)
        {
            var start = Stopwatch.GetTimestamp();
            await queue.LeaseAsync(Callers, CancellationToken.None);
            took.Add(Figures.Milliseconds(start));
        }
        return Figures.Median(took);
    }

    private static Row Of(string what, List<double> costs)
    {
        var growth = costs[^1] / costs[0];
        return new($"{what} with {string.Join(", ", InFlight)} jobs in flight", $"the last ≤ {MostGrowth:0}× the first", $"{string.Join(", ", costs.Select(c => $"{c:0.00}"))} ms: {growth:0.0}×", growth <= MostGrowth);
    }
}
