using System.Diagnostics;
using System.Globalization;
using Dapper;
using Npgsql;
using Wopr.Integration.Tests.Stack;
using Wopr.Platform;
using Wopr.Provisioning;
using Wopr.Tests.Support;

namespace Wopr.Bench.Rows;

/// <summary>2,000 open live streams on one node: how long an event takes to its readers, and what a stream costs.</summary>
internal sealed class LiveStreams : IMeasurement
{
    private const int Streams = 2000;
    private const double MostCommits = 1.5;
    private const double MostP99Apart = 10;
    private const double MostP99Together = 50;
    private const double MostKib = 16;
    private const string Goal = "all delivered, database connections independent of their number";

    private int named;

    public string Name => "streams";

    /// <summary>
    /// Medians of fresh services, for what memory a stream takes depends on what was freed and not yet given back. It is that
    /// of streams with a job each: those of one job share what they wait for. Where all of them wait for one event half of them
    /// wait for a thousand others, so that no number of commits can be the goal there: a bare loop stands beside it.
    /// </summary>
    public async Task<IReadOnlyList<Row>> RunAsync(Effort effort)
    {
        var (apart, together, bare) = (new List<Round>(), new List<Round>(), new List<Round>());
        for (var i = 0; i < effort.Rounds; i++)
        {
            await using var stack = await WoprStack.StartAsync("none");
            await using var source = Database.Open(stack.ConnectionString + ";Maximum Pool Size=4");
            var jobs = (await BenchJob.AddAsync(source, Streams, "deploying_wopr", due: false)).Select(j => j.Id).ToList();
            using var process = Process.GetProcessById(stack.Service!.Id);
            // What the first streams cost is code that is read and compiled once.
            await MeasureAsync(stack, source, process, [.. jobs.Take(200)], 100);
            await Figures.CalmAsync(process);
            apart.Add(await MeasureAsync(stack, source, process, jobs, 500));
            // Enough that what is collected once after so many were opened, in two or three pauses, counts as what it is: less than one in a hundred.
            together.Add(await MeasureAsync(stack, source, process, [.. Enumerable.Repeat(jobs[0], Streams)], 400));
            bare.Add(await MeasureBareAsync(50));
        }
        var (one, many, loop) = (Summary.Of(apart), Summary.Of(together), Summary.Of(bare));
        return
        [
            new($"{Streams} live streams, one reader a job", string.Create(CultureInfo.InvariantCulture, $"p50 ≤ {MostCommits}× the commit, p99 ≤ {MostP99Apart} ms, {Goal}"),
                one.Text($"commit {one.Commit.ToString("0.0", CultureInfo.InvariantCulture)} ms"), one.Missing == 0 && one.P50 <= MostCommits * one.Commit && one.P99 <= MostP99Apart),
            new($"{Streams} live streams, all on one job", string.Create(CultureInfo.InvariantCulture, $"p99 ≤ {MostP99Together} ms, {Goal}"),
                many.Text($"a bare loop over as many sockets {loop.P50.ToString("0.0", CultureInfo.InvariantCulture)} ms"), many.Missing == 0 && many.P99 <= MostP99Together),
            new($"memory of {Streams} live streams, one reader a job", $"≤ {MostKib:0} KiB a stream", string.Create(CultureInfo.InvariantCulture, $"{one.Kib:0.0} KiB"), one.Kib <= MostKib),
        ];
    }

    private async Task<Round> MeasureAsync(WoprStack stack, NpgsqlDataSource source, Process process, List<Guid> jobs, int events)
    {
        var memory = Memory(process);
        await using var readers = await StreamReaders.OpenAsync(stack.Http.BaseAddress!, [.. jobs.Select(job => $"/api/provision/{job}/stream")]);
        var perStream = (Memory(process) - memory) / 1024.0 / jobs.Count;
        var connections = await ConnectionsAsync(source);
        var round = await HearAsync(readers, events, i => jobs.Count(j => j == jobs[i % jobs.Count]), (i, message) =>
            source.InTransactionAsync((connection, transaction) =>
                JobEvents.AppendAsync(connection, transaction, new JobId(jobs[i % jobs.Count]), EventKind.Note, new { message }), CancellationToken.None));
        return round with { Kib = perStream, Connections = connections };
    }

    private async Task<Round> MeasureBareAsync(int events)
    {
        var port = FreePorts.Take();
        using var loop = Process.Start(new ProcessStartInfo("dotnet", [typeof(LiveStreams).Assembly.Location, "bare-streams", $"{port}"]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true })!;
        // It says when it listens.
        await loop.StandardOutput.ReadLineAsync();
        Round round;
        await using (var readers = await StreamReaders.OpenAsync(new Uri($"http://127.0.0.1:{port}"), [.. Enumerable.Repeat("/", Streams)]))
            round = await HearAsync(readers, events, _ => Streams, async (_, message) =>
            {
                await loop.StandardInput.WriteLineAsync($"{{\"message\":\"{message}\"}}");
                await loop.StandardInput.FlushAsync();
            });
        loop.Kill();
        await loop.WaitForExitAsync();
        return round;
    }

    private async Task<Round> HearAsync(StreamReaders readers, int events, Func<int, int> expected, Func<int, string, Task> tell)
    {
        var tellings = new List<Telling>();
        var missing = 0;
        for (var i = 0; i < events; i++)
        {
            var (number, many) = (named++, expected(i));
            var telling = await readers.HearAsync(number, many, () => tell(i, $"#{number}"));
            tellings.Add(telling);
            missing += many - telling.Latencies.Count;
        }
        var latencies = tellings.SelectMany(t => t.Latencies).ToList();
        return new(missing, Figures.Percentile(latencies, 50), Figures.Percentile(latencies, 99), Figures.Median(tellings.Select(t => t.Took)));
    }

    private static long Memory(Process process)
    {
        process.Refresh();
        return process.WorkingSet64;
    }

    private static async Task<int> ConnectionsAsync(NpgsqlDataSource source)
    {
        await using var connection = await source.OpenConnectionAsync();
        return await connection.ExecuteScalarAsync<int>("SELECT count(*)::int FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'wopr'");
    }

    private sealed record Round(int Missing, double P50, double P99, double Commit, double Kib = 0, int Connections = 0);

    /// <summary>Of several rounds: medians, but all who are missing and the most connections.</summary>
    private sealed record Summary(int Missing, double P50, double P99, double Commit, double Kib, int Connections)
    {
        public static Summary Of(IReadOnlyList<Round> rounds)
        {
            double Median(Func<Round, double> of) => Figures.Median(rounds.Select(of));
            return new(rounds.Sum(r => r.Missing), Median(r => r.P50), Median(r => r.P99), Median(r => r.Commit), Median(r => r.Kib), rounds.Max(r => r.Connections));
        }

        public string Text(string beside) =>
            string.Create(CultureInfo.InvariantCulture, $"{Missing} missing, p50 {P50:0.0} ms ({beside}), p99 {P99:0.0} ms, {Connections} database connections");
    }
}
