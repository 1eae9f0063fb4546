using Npgsql;
using Wopr.Platform.Http;
using Wopr.Platform.Trace;

namespace Wopr.Provisioning;

/// <summary>
/// Runs one step, and calls it off when the job is cancelled meanwhile: cancelling wins within seconds, whatever the step
/// waits for. A call that is under way gets a moment for its answer, for a lost one makes more work than a short wait.
/// </summary>
public sealed class StepRun(JobStore jobs, TimeProvider time, IJobTrace? trace = null)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    /// <summary>What the step came to, or null when it was called off. Each run is noted, and its calls are for this job.</summary>
    public async Task<Outcome?> RunAsync(IStep step, StepContext context, CancellationToken cancellation)
    {
        using var scope = CallScope.For(context.Job.Id.Value);
        var start = time.GetTimestamp();
        var word = "threw";
        try
        {
            var outcome = await RunToItsEndAsync(step, context, cancellation);
            word = outcome?.Word() ?? "called off";
            return outcome;
        }
        finally
        {
            trace?.Note(new TraceEntry(context.Job.Id.Value, TraceKind.Run, step.State.Word(), word, Sent: 0, time.GetElapsedTime(start)));
        }
    }

    private async Task<Outcome?> RunToItsEndAsync(IStep step, StepContext context, CancellationToken cancellation)
    {
        // Taking down is what everything is called off for.
        if (context.Job.State == JobState.RollingBack) return await step.RunAsync(context, cancellation);

        using var calledOff = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var watch = WatchAsync(context.Job.Id, calledOff, over.Token);
        try
        {
            return await step.RunAsync(context, calledOff.Token);
        }
        catch (OperationCanceledException) when (calledOff.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            return null;
        }
        finally
        {
            await over.CancelAsync();
            await watch;
        }
    }

    private async Task WatchAsync(JobId job, CancellationTokenSource calledOff, CancellationToken over)
    {
        try
        {
            do await Task.Delay(Look, time, over);
            while (!await jobs.IsToGoDownAsync(job, over));
            await Task.Delay(Grace, time, over);
            await calledOff.CancelAsync();
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // The step has ended by itself.
        }
        catch (NpgsqlException)
        {
            // The database is away: the step meets the same trouble on its next write.
        }
    }
}
