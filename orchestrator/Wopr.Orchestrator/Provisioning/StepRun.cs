using Wopr.Platform.Http;
using Wopr.Platform.Trace;

namespace Wopr.Provisioning;

/// <summary>
/// Runs one step, and calls it off when the job is cancelled meanwhile: cancelling wins within seconds, whatever the step
/// waits for.
/// </summary>
public sealed class StepRun(JobWatch watch, TimeProvider time, IJobTrace? trace = null)
{
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

        await using var watched = watch.Over(context.Job.Id);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, watched.CalledOff);
        try
        {
            return await step.RunAsync(context, either.Token);
        }
        catch (OperationCanceledException) when (watched.CalledOff.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            return null;
        }
    }
}
