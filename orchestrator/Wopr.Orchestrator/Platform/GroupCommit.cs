using System.Collections.Concurrent;
using Npgsql;

namespace Wopr.Platform;

/// <summary>
/// One statement, and one commit, for what many want written at the same moment: while one statement is being written, those
/// that come wait for the next. What a statement leaves out is for its caller to write by itself, and so is everything of a
/// statement that failed, so that no one fails its neighbours. Nobody is answered before the commit.
/// </summary>
/// <param name="most">How many go into one statement.</param>
/// <param name="write">Commits them in one statement and says what came of each that it did not leave out. Their subjects differ.</param>
public sealed class GroupCommit<TWrite, TResult>(int most, Func<TWrite, Guid> subject, Func<IReadOnlyList<TWrite>, Task<IReadOnlyDictionary<Guid, TResult>>> write)
    where TResult : class
{
    private readonly ConcurrentQueue<Waiting> waiting = new();
    private int committing;

    /// <summary>What came of it, once it is committed; null when it must be written by itself.</summary>
    public Task<TResult?> WriteAsync(TWrite one)
    {
        var mine = new Waiting(one);
        waiting.Enqueue(mine);
        if (Interlocked.Exchange(ref committing, 1) == 0) _ = Task.Run(CommitAllAsync);
        return mine.Task;
    }

    private async Task CommitAllAsync()
    {
        do
        {
            while (!waiting.IsEmpty)
            {
                await CommitAsync();
                // Who was just answered often has the next thing to write: it comes along.
                await Task.Yield();
            }
            // Something may have come in the moment of leaving. The fence keeps this look from being taken before the leave is
            // seen, or what comes in between would wait for the next.
            Interlocked.Exchange(ref committing, 0);
        }
        while (!waiting.IsEmpty && Interlocked.Exchange(ref committing, 1) == 0);
    }

    private async Task CommitAsync()
    {
        var batch = new Dictionary<Guid, Waiting>();
        while (batch.Count < most && waiting.TryDequeue(out var next))
            // Two about one subject at once are rare; the second goes by itself.
            if (!batch.TryAdd(subject(next.Write), next)) next.SetResult(null);
        try
        {
            var results = await write([.. batch.Values.Select(w => w.Write)]);
            foreach (var (about, one) in batch) one.SetResult(results.GetValueOrDefault(about));
        }
        catch (Exception error) when (error is NpgsqlException or IOException or TimeoutException)
        {
            // Each is written by itself now, and meets its own trouble there.
            foreach (var one in batch.Values) one.SetResult(null);
        }
        catch (Exception error)
        {
            foreach (var one in batch.Values) one.SetException(error);
        }
    }

    private sealed class Waiting(TWrite write) : TaskCompletionSource<TResult?>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public TWrite Write => write;
    }
}
