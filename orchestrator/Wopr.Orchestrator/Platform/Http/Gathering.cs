using Wopr.Provisioning.Ports;

namespace Wopr.Platform.Http;

/// <summary>
/// Brings together what several callers ask for at nearly the same moment, so that one call can serve them all: the first
/// who asks opens a group, which departs with everybody who joined meanwhile, a short while later or when it is full.
/// </summary>
/// <param name="window">How long a group stays open.</param>
/// <param name="most">The sizes of all who are in a group add up to no more than this.</param>
/// <param name="serve">Answers everybody in the group; is never handed an empty one.</param>
internal sealed class Gathering<TAsk, TAnswer>(
    TimeSpan window, int most, Func<TAsk, int> size, Pause pause, Func<IReadOnlyList<Asking<TAsk, TAnswer>>, Task> serve)
{
    private readonly Lock gate = new();
    private Group? open;

    public Task<ProviderResult<TAnswer>> AskAsync(TAsk ask, CancellationToken cancellation)
    {
        var mine = new Asking<TAsk, TAnswer>(ask, CallScope.Priority, cancellation);
        lock (gate)
        {
            if (open is null || open.Room < size(ask))
            {
                open?.Close();
                open = new Group(most);
                _ = DepartAsync(open);
            }

            open.Askings.Add(mine);
            open.Room -= size(ask);
            if (open.Room <= 0) open.Close();
        }

        return mine.AnswerAsync();
    }

    private async Task DepartAsync(Group group)
    {
        // Not under the lock of whoever comes first, nor in its haste or with its deadline.
        await Task.Yield();
        using var detached = CallScope.Detach();
        try
        {
            await Task.WhenAny(pause(window, CancellationToken.None), group.Closed);
            lock (gate)
            {
                if (open == group) open = null;
            }

            // Whoever has lost its right to act while it waited must not act any more.
            var present = group.Askings.Where(a => a.IsWanted).ToList();
            if (present.Count == 0) return;
            using var scope = CallScope.Begin(present.Max(a => a.Priority));
            using var jobs = CallScope.For([.. present.SelectMany(a => a.Jobs).Distinct()]);
            await serve(present);
        }
        catch (Exception e)
        {
            foreach (var asking in group.Askings) asking.Fail(e);
        }
    }

    private sealed class Group(int room)
    {
        private readonly TaskCompletionSource closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public List<Asking<TAsk, TAnswer>> Askings { get; } = [];

        public int Room { get; set; } = room;

        /// <summary>Nobody can join any more, so that there is nobody to wait for.</summary>
        public Task Closed => closed.Task;

        public void Close() => closed.TrySetResult();
    }
}

/// <summary>One caller in a group, and the answer that it waits for.</summary>
internal sealed class Asking<TAsk, TAnswer>(TAsk ask, CallPriority priority, CancellationToken cancellation)
{
    private readonly TaskCompletionSource<ProviderResult<TAnswer>> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TAsk Ask => ask;

    public CallPriority Priority => priority;

    public IReadOnlyCollection<Guid> Jobs { get; } = CallScope.Jobs;

    /// <summary>False once the caller has given up.</summary>
    public bool IsWanted => !cancellation.IsCancellationRequested;

    public void Answer(ProviderResult<TAnswer> result) => answer.TrySetResult(result);

    public void Fail(Exception exception) => answer.TrySetException(exception);

    public Task<ProviderResult<TAnswer>> AnswerAsync() => answer.Task.WaitAsync(cancellation);
}
