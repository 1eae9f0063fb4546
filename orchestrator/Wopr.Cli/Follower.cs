using Wopr.Cli.Api;

namespace Wopr.Cli;

/// <summary>Follows a job to its end. A service that is away for a while is waited for, because jobs survive it.</summary>
/// <param name="wanted">The states that are a good end.</param>
internal sealed class Follower(WoprApi api, Output output, IProgressView view, IReadOnlyList<string> wanted, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan LongestAbsence = TimeSpan.FromMinutes(2);

    /// <param name="wanted">The states that are a good end; none named: <c>completed</c>.</param>
    public static Follower Create(WoprApi api, Output output, params IReadOnlyList<string> wanted) =>
        new(api, output, output.IsJson ? new JsonView() : ProgressViews.Choose(), wanted is [] ? ["completed"] : wanted, TimeProvider.System);

    public async Task<int> FollowAsync(string job, CancellationToken cancellation)
    {
        try
        {
            return await UntilOverAsync(job, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            view.Close();
            await Console.Error.WriteLineAsync($"wopr: interrupted; the job goes on by itself: wopr watch {job}");
            return ExitStatus.Interrupted;
        }
    }

    private async Task<int> UntilOverAsync(string job, CancellationToken cancellation)
    {
        var lastAnswer = time.GetTimestamp();
        while (true)
        {
            var answer = await api.JobStatusAsync(job, cancellation);
            if (answer.Value is { } status)
            {
                lastAnswer = time.GetTimestamp();
                view.Show(status);
                if (IsOver(status)) return End(status);
            }
            else if (answer.Refusal!.Status is { } refused && (int)refused < 500 || time.GetElapsedTime(lastAnswer) > LongestAbsence)
            {
                view.Close();
                return await output.RefuseAsync(answer.Refusal!);
            }
            else
            {
                view.Away(time.GetElapsedTime(lastAnswer));
            }
            await Task.Delay(Pause, time, cancellation);
        }
    }

    /// <summary>What is being taken down is waited for where that was asked for; a job that was to become ready has failed by then.</summary>
    private bool IsOver(JobStatus status) =>
        wanted.Contains(status.State) || (wanted.Contains("completed") ? status.HasFailed : status.State is "rolled_back" or "cancelled");

    private int End(JobStatus status)
    {
        view.Close();
        var well = wanted.Contains(status.State);
        if (!output.IsJson) Tell(status, well);
        return well ? ExitStatus.Well : ExitStatus.JobFailed;
    }

    private static void Tell(JobStatus status, bool well)
    {
        Console.WriteLine();
        if (status.IsReady)
        {
            if (status.Substitution is { } substitution) Console.WriteLine(substitution.Message);
            Console.WriteLine($"Your beacon is ready: {status.Beacon.Url}");
            foreach (var app in status.Apps) Console.WriteLine($"  {app.Name,-18} {app.Url}");
        }
        else if (!well && status.Error is { } error)
        {
            Console.WriteLine($"The job ended as {status.State}: {error.Code} {error.Title}\n  What happened: {error.WhatHappened}\n  What we do: {error.WhatWeDo}\n  What you can do: {error.WhatYouCanDo}");
        }
        else
        {
            Console.WriteLine($"The job ended as {status.State}.");
        }
    }
}

/// <summary>How progress is shown.</summary>
internal interface IProgressView
{
    void Show(JobStatus status);

    void Away(TimeSpan since);

    void Close();
}
