using Hangfire.Server;
using Hangfire.States;
using HangfireWorker = Hangfire.Server.Worker;

namespace Wopr.Profiles;

/// <summary>
/// Hangfire's worker, of which only a few at a time look for a job: each asks the database by itself, also when it has nothing
/// to do. Who has found one makes room for the next, which looks at once, so that one wake-up brings all to work that there is
/// work for.
/// </summary>
internal sealed class LookingWorker : IBackgroundProcess, IBackgroundJobPerformer
{
    private const int MostLooking = 4;

    private static readonly SemaphoreSlim Room = new(MostLooking);

    [ThreadStatic]
    private static bool isLooking;

    private readonly HangfireWorker worker;
    private readonly IBackgroundJobPerformer performer;

    public LookingWorker(IEnumerable<string> queues, IBackgroundJobPerformer performer, IBackgroundJobStateChanger states)
    {
        this.performer = performer;
        worker = new HangfireWorker(queues, this, states);
    }

    /// <summary>One job, on a thread of its own from the look to the end.</summary>
    public void Execute(BackgroundProcessContext context)
    {
        Room.Wait(context.StoppingToken);
        isLooking = true;
        try
        {
            worker.Execute(context);
        }
        finally
        {
            LookNoMore();
        }
    }

    object? IBackgroundJobPerformer.Perform(PerformContext context)
    {
        LookNoMore();
        return performer.Perform(context);
    }

    private static void LookNoMore()
    {
        if (!isLooking) return;
        isLooking = false;
        Room.Release();
    }
}
