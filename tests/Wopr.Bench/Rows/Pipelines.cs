using System.Diagnostics;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Wopr.Platform;
using Wopr.Platform.Work;
using Wopr.Provisioning;
using Wopr.Tests.Support;

namespace Wopr.Bench.Rows;

/// <summary>Jobs through eight steps that do nothing, by the real driver and worker, against a loop that is written by hand.</summary>
internal sealed class Pipelines : IMeasurement
{
    private const double Least = 0.6;
    private const int MostStatements = 6;
    private static readonly TimeSpan LongestRound = TimeSpan.FromMinutes(5);
    private const int MostCommits = 2;

    private static readonly JobState[] Way =
    [
        JobState.PaymentReceived, JobState.ProvisioningVps, JobState.ConfiguringDns, JobState.WaitingForVps, JobState.DeployingWopr,
        JobState.Verifying, JobState.GeneratingDocs, JobState.SendingWelcome, JobState.Completed,
    ];

    private static readonly int Steps = Way.Length - 1;

    public string Name => "pipelines";

    public async Task<IReadOnlyList<Row>> RunAsync(Effort effort)
    {
        await using var house = await BenchHouse.OpenAsync();
        var jobs = effort == Effort.Quick ? 300 : 1000;
        var counted = (Statements: 0.0, Commits: 0.0);
        var (ours, other, ratio) = await Figures.CompareAsync(effort, async () =>
        {
            await house.AddJobsAsync(jobs, Way[0].Word(), due: true);
            var before = await BenchHouse.CommitsAsync(house.Source);
            using var counter = new StatementCounter();
            var rate = await DriveAsync(house, jobs);
            counted = (counter.Count / (double)(jobs * Steps), (await BenchHouse.CommitsAsync(house.Source) - before) / (double)(jobs * Steps));
            return rate;
        }, async () =>
        {
            await house.AddJobsAsync(jobs, Way[0].Word(), due: true);
            return await HandWritten.DriveAsync(house, [.. Way.Select(s => s.Word())]);
        });
        var against = await AgainstHangfireAsync(house, effort);
        return
        [
            new("eight-step pipelines against a SKIP LOCKED loop written by hand", "≥ 60 %", $"{ratio:P0} ({ours:0} against {other:0} jobs/s)", ratio >= Least),
            new("statements and commits a step", "≤ 6 and ≤ 2", $"{counted.Statements:0.0} and {counted.Commits:0.0}", counted.Statements <= MostStatements && counted.Commits <= MostCommits),
            against,
        ];
    }

    private static async Task<Row> AgainstHangfireAsync(BenchHouse house, Effort effort)
    {
        const string What = "eight-step pipelines against the Hangfire profile";
        const string Goal = "≥ 100 %";
        if (HangfireBuild.Make<IProfile>("HangfireProfile") is not { } profile) return Row.Skipped(What, Goal, "the Hangfire profile is not built");
        var jobs = effort == Effort.Quick ? 100 : 300;
        var (ours, other, ratio) = await Figures.CompareAsync(effort, () => AddedAsync(house, jobs, DriveAsync), () => AddedAsync(house, jobs, (house, jobs) => ByHangfireAsync(house, jobs, profile)));
        return new(What, Goal, $"{ratio:P0} ({ours:0} against {other:0} jobs/s)", ratio >= 1);
    }

    private static async Task<double> AddedAsync(BenchHouse house, int jobs, Func<BenchHouse, int, Task<double>> drive)
    {
        await house.AddJobsAsync(jobs, Way[0].Word(), due: true);
        return await drive(house, jobs);
    }

    /// <summary>A node of the profile, of which nothing runs but what drives work.</summary>
    private static async Task<double> ByHangfireAsync(BenchHouse house, int jobs, IProfile profile)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        profile.AddServices(builder.Services, house.AddParts(builder.Services));
        foreach (var other in builder.Services.Where(s => s.ServiceType == typeof(IHostedService) && s.ImplementationType?.Assembly != profile.GetType().Assembly).ToList())
            builder.Services.Remove(other);
        builder.Services.AddSingleton(parts => ActivatorUtilities.CreateInstance<WorkRun>(parts, (IEnumerable<IWorkHandler>)[DriverOf(parts)]));
        using var node = builder.Build();
        await profile.PrepareAsync(node.Services, CancellationToken.None);
        var start = Stopwatch.GetTimestamp();
        await node.StartAsync();
        await UntilDoneAsync(house);
        var took = Stopwatch.GetElapsedTime(start);
        await node.StopAsync();
        return jobs / took.TotalSeconds;
    }

    private static JobDriver DriverOf(IServiceProvider parts) =>
        ActivatorUtilities.CreateInstance<JobDriver>(parts, (IEnumerable<IStep>)[.. Way.Zip(Way.Skip(1), (from, to) => new InstantStep(from, to))]);

    private static async Task UntilDoneAsync(BenchHouse house)
    {
        await using var connection = await house.Source.OpenConnectionAsync();
        await Patience.UntilAsync(
            async () => !await connection.ExecuteScalarAsync<bool>("SELECT EXISTS (SELECT FROM work_items WHERE kind = 'provision')"),
            () => "the pipelines hang", LongestRound);
    }

    private static async Task<double> DriveAsync(BenchHouse house, int jobs)
    {
        await using var parts = house.Parts();
        using var worker = new Worker(
            parts.GetRequiredService<WorkQueue>(), ActivatorUtilities.CreateInstance<WorkRun>(parts, (IEnumerable<IWorkHandler>)[DriverOf(parts)]),
            parts.GetRequiredService<WorkQueueOptions>(), parts.GetRequiredService<WorkBell>(), TimeProvider.System, NullLogger<Worker>.Instance);
        var start = Stopwatch.GetTimestamp();
        await worker.StartedAsync(CancellationToken.None);
        await UntilDoneAsync(house);
        var took = Stopwatch.GetElapsedTime(start);
        await worker.StopAsync(CancellationToken.None);
        return jobs / took.TotalSeconds;
    }

    private sealed class InstantStep(JobState state, JobState next) : IStep
    {
        public JobState State => state;

        public TimeSpan? Deadline => TimeSpan.FromMinutes(10);

        public Task<Outcome> RunAsync(StepContext context, CancellationToken cancellation) => Task.FromResult(Outcome.Next(next));
    }
}

/// <summary>What this process sends to databases: one for each command, and for each begin and end of a transaction.</summary>
internal sealed class StatementCounter : IDisposable
{
    private readonly ActivityListener listener;
    private int count;

    public StatementCounter()
    {
        listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Npgsql",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = _ => Interlocked.Increment(ref count),
        };
        ActivitySource.AddActivityListener(listener);
    }

    public int Count => Volatile.Read(ref count);

    public void Dispose() => listener.Dispose();
}
