namespace Wopr.Cli;

/// <summary>Follows a job to its end. A service that is away for a while is waited for, because jobs survive it.</summary>
internal sealed class Follower(WoprClient client, IProgressView view, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan LongestAbsence = TimeSpan.FromMinutes(2);

    public async Task<int> FollowAsync(string job, CancellationToken cancellation)
    {
        var lastAnswer = time.GetTimestamp();
        while (true)
        {
            var answer = await client.StatusAsync(job, cancellation);
            if (answer.Value is { } status)
            {
                lastAnswer = time.GetTimestamp();
                view.Show(status);
                if (status.IsReady || status.HasFailed) return End(status);
            }
            else if (answer.Problem!.Status is { } refused && (int)refused < 500 || time.GetElapsedTime(lastAnswer) > LongestAbsence)
            {
                view.Close();
                await Console.Error.WriteLineAsync($"wopr: {answer.Problem}");
                return ExitStatus.NotCarriedOut;
            }
            else
            {
                view.Away(time.GetElapsedTime(lastAnswer));
            }
            await Task.Delay(Pause, time, cancellation);
        }
    }

    private int End(Status status)
    {
        view.Close();
        if (status.IsReady)
        {
            Console.WriteLine();
            if (status.Substitution is { } substitution) Console.WriteLine(substitution.Message);
            Console.WriteLine($"Your beacon is ready: {status.Beacon.Url}");
            foreach (var app in status.Apps) Console.WriteLine($"  {app.Name,-18} {app.Url}");
            return ExitStatus.Well;
        }
        Console.WriteLine();
        Console.WriteLine(status.Error is { } error
            ? $"The job ended as {status.State}: {error.Code} {error.Title}\n  {error.WhatHappened}\n  {error.WhatWeDo}\n  {error.WhatYouCanDo}"
            : $"The job ended as {status.State}.");
        return ExitStatus.JobFailed;
    }
}

/// <summary>How progress is shown.</summary>
internal interface IProgressView
{
    void Show(Status status);

    void Away(TimeSpan since);

    void Close();
}
