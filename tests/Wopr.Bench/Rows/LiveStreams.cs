using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
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
    private const double MostP99Apart = 10;
    private const double MostP99Together = 50;
    private const double MostKib = 16;

    // A stream begins with its job's past, in which no number may come that is waited for.
    private int named;

    public string Name => "streams";

    /// <summary>
    /// Medians of fresh services, for what memory a stream takes depends on what was freed and not yet given back. It is that
    /// of streams with a job each: those of one job share what they wait for.
    /// </summary>
    public async Task<IReadOnlyList<Row>> RunAsync(Effort effort)
    {
        var (apart, together) = (new List<Round>(), new List<Round>());
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
            together.Add(await MeasureAsync(stack, source, process, [.. Enumerable.Repeat(jobs[0], Streams)], effort == Effort.Quick ? 20 : 150));
        }
        var kib = Figures.Median(apart.Select(r => r.Kib));
        return
        [
            RowOf("one reader a job", apart, MostP99Apart),
            RowOf("all on one job", together, MostP99Together),
            new($"memory of {Streams} live streams, one reader a job", $"≤ {MostKib:0} KiB a stream", string.Create(CultureInfo.InvariantCulture, $"{kib:0.0} KiB"), kib <= MostKib),
        ];
    }

    private static Row RowOf(string how, List<Round> rounds, double mostP99)
    {
        var missing = rounds.Sum(r => r.Missing);
        var (p50, p99, commit) = (Figures.Median(rounds.Select(r => r.P50)), Figures.Median(rounds.Select(r => r.P99)), Figures.Median(rounds.Select(r => r.Commit)));
        return new($"{Streams} live streams, {how}", string.Create(CultureInfo.InvariantCulture, $"all delivered, p50 ≤ 1.5× the commit, p99 ≤ {mostP99:0} ms, database connections independent of their number"),
            string.Create(CultureInfo.InvariantCulture, $"{missing} missing, p50 {p50:0.0} ms (commit {commit:0.0} ms), p99 {p99:0.0} ms, {rounds.Max(r => r.Connections)} database connections"),
            missing == 0 && p50 <= 1.5 * commit && p99 <= mostP99);
    }

    private async Task<Round> MeasureAsync(WoprStack stack, NpgsqlDataSource source, Process process, List<Guid> readers, int events)
    {
        var memory = Memory(process);
        using var over = new CancellationTokenSource();
        var seen = new ConcurrentDictionary<(int Reader, int Number), long>();
        var open = new CountdownEvent(readers.Count);
        var reading = readers.Select((job, reader) => ReadAsync(stack.Http.BaseAddress!, job, open, number => seen[(reader, number)] = Stopwatch.GetTimestamp(), over.Token)).ToList();
        await Task.Run(() => open.Wait(TimeSpan.FromMinutes(2)));
        var perStream = (Memory(process) - memory) / 1024.0 / readers.Count;
        var connections = await ConnectionsAsync(source);

        var commits = new List<double>();
        var latencies = new List<double>();
        var missing = 0;
        for (var number = 0; number < events; number++)
        {
            var job = readers[number % readers.Count];
            var expected = readers.Select((id, reader) => (id, reader)).Where(r => r.id == job).Select(r => r.reader).ToList();
            var start = Stopwatch.GetTimestamp();
            var name = named++;
            await source.InTransactionAsync((connection, transaction) => JobEvents.AppendAsync(connection, transaction, new JobId(job), EventKind.Note, new { message = $"#{name}" }), CancellationToken.None);
            var committed = Stopwatch.GetTimestamp();
            commits.Add(Stopwatch.GetElapsedTime(start, committed).TotalMilliseconds);
            // Who has not heard by then is missing.
            await Patience.ComesAsync(() => Task.FromResult(expected.TrueForAll(r => seen.ContainsKey((r, name)))), TimeSpan.FromSeconds(5), TimeSpan.FromMilliseconds(1));
            foreach (var reader in expected)
            {
                if (seen.TryGetValue((reader, name), out var at)) latencies.Add(Math.Max(0, Stopwatch.GetElapsedTime(committed, at).TotalMilliseconds));
                else missing++;
            }
        }
        await over.CancelAsync();
        await Task.WhenAll(reading);
        return new(missing, Figures.Percentile(latencies, 50), Figures.Percentile(latencies, 99), Figures.Median(commits), perStream, connections);
    }

    private static async Task ReadAsync(Uri service, Guid job, CountdownEvent open, Action<int> saw, CancellationToken over)
    {
        using var client = await LeanClient.ConnectAsync(service);
        try
        {
            await client.ReadLinesAsync($"/api/provision/{job}/stream", line =>
            {
                if (line.StartsWith("retry:"u8)) open.Signal();
                else if (line.StartsWith("data:"u8) && line.IndexOf("\"#"u8) is > 0 and var at && Utf8Parser.TryParse(line[(at + 2)..], out int number, out _)) saw(number);
            }, over);
        }
        catch (Exception error) when (error is OperationCanceledException or IOException or SocketException)
        {
            // The measurement is over.
        }
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

    private sealed record Round(int Missing, double P50, double P99, double Commit, double Kib, int Connections);
}
