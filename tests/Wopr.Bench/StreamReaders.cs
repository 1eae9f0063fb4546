using System.Buffers.Text;
using System.Diagnostics;
using System.Net.Sockets;

namespace Wopr.Bench;

/// <summary>
/// Open streams, and when each of them hears of the one event that is looked at. It keeps no more than that, in one place:
/// what was gathered for all events would be collected and copied while they are heard, at the expense of who tells them.
/// </summary>
internal sealed class StreamReaders : IAsyncDisposable
{
    private static readonly TimeSpan LongestOpening = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan LongestHearing = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource over = new();
    private readonly CountdownEvent opening;
    private readonly List<Task> reading;
    private readonly long[] heard;
    private int looked = -1;
    private int left;
    private TaskCompletionSource all = new();

    private StreamReaders(Uri service, IReadOnlyList<string> paths)
    {
        opening = new(paths.Count);
        heard = new long[paths.Count];
        reading = [.. paths.Select((path, reader) => ReadAsync(service, path, reader))];
    }

    /// <summary>Returns when all of them are told that they are open.</summary>
    public static async Task<StreamReaders> OpenAsync(Uri service, IReadOnlyList<string> paths)
    {
        var readers = new StreamReaders(service, paths);
        await Task.Run(() => readers.opening.Wait(LongestOpening));
        return readers;
    }

    /// <summary>How long after the telling was done each of those who heard did so, in milliseconds. Who has not within five seconds is missing.</summary>
    /// <param name="number">That the event is told by, as <c>"#1"</c> within its data; none is used twice.</param>
    /// <param name="expected">So many of them are to hear of it.</param>
    public async Task<Telling> HearAsync(int number, int expected, Func<Task> tell)
    {
        Array.Clear(heard);
        left = expected;
        all = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref looked, number);
        var start = Stopwatch.GetTimestamp();
        await tell();
        var told = Stopwatch.GetTimestamp();
        await all.Task.WaitAsync(LongestHearing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Volatile.Write(ref looked, -1);
        return new(Stopwatch.GetElapsedTime(start, told).TotalMilliseconds, [.. heard.Where(at => at != 0).Select(at => Math.Max(0, Stopwatch.GetElapsedTime(told, at).TotalMilliseconds))]);
    }

    public async ValueTask DisposeAsync()
    {
        await over.CancelAsync();
        await Task.WhenAll(reading);
        opening.Dispose();
        over.Dispose();
    }

    private async Task ReadAsync(Uri service, string path, int reader)
    {
        using var client = await LeanClient.ConnectAsync(service);
        try
        {
            await client.ReadLinesAsync(path, line =>
            {
                if (line.StartsWith("retry:"u8)) opening.Signal();
                else if (line.StartsWith("data:"u8) && line.IndexOf("\"#"u8) is > 0 and var at && Utf8Parser.TryParse(line[(at + 2)..], out int number, out _)) Hear(reader, number);
            }, over.Token);
        }
        catch (Exception error) when (error is OperationCanceledException or IOException or SocketException)
        {
            // The measurement is over.
        }
    }

    // A stream begins with its job's past, in which there are other numbers.
    private void Hear(int reader, int number)
    {
        if (number != Volatile.Read(ref looked) || Interlocked.CompareExchange(ref heard[reader], Stopwatch.GetTimestamp(), 0) != 0) return;
        if (Interlocked.Decrement(ref left) == 0) all.SetResult();
    }
}

/// <summary>How long the telling itself took, and how long after it each reader heard, in milliseconds.</summary>
internal sealed record Telling(double Took, IReadOnlyList<double> Latencies);
