namespace Wopr.Platform.Work;

/// <summary>
/// What a node does again and again, whoever executes its work: what was abandoned is freed every two seconds, what is due is
/// taken, and then it sleeps until the bell rings or something falls due.
/// </summary>
public abstract partial class WorkRounds(WorkQueue queue, WorkBell bell, TimeProvider time, ILogger logger) : BackgroundService, IHostedLifecycleService
{
    private static readonly TimeSpan SlowScan = TimeSpan.FromSeconds(2);

    /// <summary>What this node drives right now.</summary>
    protected abstract IReadOnlyCollection<WorkKey> Driven { get; }

    /// <summary>Takes what is due, and says how long it is until more is due; null when nothing will be.</summary>
    protected abstract Task<TimeSpan?> TakeAsync(CancellationToken stopping);

    /// <summary>Nothing yet: the node takes work once it serves, for the beacons that it makes will call.</summary>
    public override Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => base.StartAsync(cancellationToken);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var nextScan = time.GetTimestamp();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (time.GetTimestamp() >= nextScan)
                {
                    await queue.FreeAbandonedAsync(Driven, stoppingToken);
                    nextScan = time.GetTimestamp() + (long)(SlowScan.TotalSeconds * time.TimestampFrequency);
                }
                await bell.WaitAsync(await TakeAsync(stoppingToken) is { } due && due < SlowScan ? due : SlowScan, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                RoundFailed(logger, error);
                await Task.Delay(TimeSpan.FromSeconds(1), time, CancellationToken.None);
            }
        }
    }

    [LoggerMessage(1105, LogLevel.Error, "due work cannot be taken")]
    private static partial void RoundFailed(ILogger logger, Exception error);
}
