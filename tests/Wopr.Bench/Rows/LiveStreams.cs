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

    public string Name => "streams";

    public async Task<IReadOnlyList<Row>> RunAsync(Effort effort)
    {
        await using var stack = await WoprStack.StartAsync("none");
        await using var source = Database.Open(stack.ConnectionString + ";Maximum Pool Size=4");
        var jobs = await BenchJob.AddAsync(source, Streams, "deploying_wopr", due: false);
        // What the first streams cost is code that is read and compiled once.
        await MeasureAsync("", stack, source, [.. jobs.Take(200).Select(j => j.Id)], 100, 0);
        return
        [
            .. await MeasureAsync("one reader a job", stack, source, [.. jobs.Select(j => j.Id)], effort == Effort.Quick ? 300 : 1000, MostP99Apart),
            .. await MeasureAsync("all on one job", stack, source, [.. Enumerable.Repeat(jobs[0].Id, Streams)], effort == Effort.Quick ? 3 : 10, MostP99Together),
        ];
    }

    private static async Task<IReadOnlyList<Row>> MeasureAsync(string how, WoprStack stack, NpgsqlDataSource source, IReadOnlyList<Guid> readers, int events, double mostP99)
    {
        using var process = Process.GetProcessById(stack.Service!.Id);
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
            var name = number;
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
        var (p50, p99, commit) = (Figures.Percentile(latencies, 50), Figures.Percentile(latencies, 99), Figures.Median(commits));
        return
        [
            new($"{Streams} live streams, {how}", string.Create(CultureInfo.InvariantCulture, $"all delivered, p50 ≤ 1.5× the commit, p99 ≤ {mostP99:0} ms, ≤ 16 KiB a stream"),
                $"{missing} missing, p50 {p50:0.0} ms (commit {commit:0.0} ms), p99 {p99:0.0} ms, {perStream:0.0} KiB, {connections} database connections",
                missing == 0 && p50 <= 1.5 * commit && p99 <= mostP99 && perStream <= MostKib),
        ];
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
}
