namespace Wopr.Provisioning;

/// <summary>
/// Looks after the jobs whose steps run on this node, all in one query, and calls a step off when its job was cancelled
/// meanwhile. A call that is under way gets a moment for its answer, for a lost one makes more work than a short wait.
/// </summary>
public sealed partial class JobWatch(JobStore jobs, TimeProvider time, ILogger<JobWatch> logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    private readonly Lock gate = new();
    private readonly HashSet<Watched> all = [];
    private bool looking;

    /// <summary>From now on until it is disposed of.</summary>
    public Watched Over(JobId job)
    {
        var watched = new Watched(this, job);
        lock (gate)
        {
            all.Add(watched);
            if (looking) return watched;
            looking = true;
        }
        // It belongs to no step, also not to the one that happens to begin it.
        using (ExecutionContext.SuppressFlow()) _ = LookAsync();
        return watched;
    }

    /// <summary>As long as there is somebody to look after; most steps end before the first look.</summary>
    private async Task LookAsync()
    {
        while (true)
        {
            await Task.Delay(Pause, time);
            List<Watched> now;
            lock (gate)
            {
                looking = all.Count > 0;
                if (!looking) return;
                now = [.. all];
            }
            try
            {
                var down = await jobs.WhichGoDownAsync(now.Select(w => w.Job).Distinct(), CancellationToken.None);
                lock (gate)
                    foreach (var watched in now)
                        if (all.Contains(watched) && down.Contains(watched.Job)) watched.GoesDown(time);
            }
            catch (ObjectDisposedException)
            {
                // The node has stopped, and its steps with it.
                lock (gate) looking = false;
                return;
            }
            catch (Exception error)
            {
                // The database is away: the steps meet the same trouble on their next write.
                NotSeen(logger, error);
            }
        }
    }

    [LoggerMessage(2006, LogLevel.Warning, "whether a running step is to be called off cannot be seen just now")]
    private static partial void NotSeen(ILogger logger, Exception error);

    /// <summary>One run of a step.</summary>
    public sealed class Watched(JobWatch watch, JobId job) : IAsyncDisposable
    {
        private readonly CancellationTokenSource off = new();
        private Task calling = Task.CompletedTask;
        private long? seen;

        public JobId Job => job;

        public CancellationToken CalledOff => off.Token;

        internal void GoesDown(TimeProvider time)
        {
            seen ??= time.GetTimestamp();
            if (time.GetElapsedTime(seen.Value) >= Grace && !off.IsCancellationRequested) calling = off.CancelAsync();
        }

        public async ValueTask DisposeAsync()
        {
            lock (watch.gate) watch.all.Remove(this);
            await calling;
            off.Dispose();
        }
    }
}
