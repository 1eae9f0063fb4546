namespace Wopr.Web;

/// <summary>How far one step of the way is.</summary>
public enum StepState
{
    Ahead,
    Now,
    Done,
    Stopped,
}

/// <summary>One step as the setup page shows it. <paramref name="Took"/> is known once the step is done.</summary>
public sealed record JobStep(string Name, StepState State, TimeSpan? Took);

/// <summary>The way of a job, in the words of a customer.</summary>
public static class JobSteps
{
    private static readonly (string State, string Name)[] Way =
    [
        ("pending", "Payment"),
        ("payment_received", "Order"),
        ("provisioning_vps", "Server"),
        ("configuring_dns", "Address"),
        ("waiting_for_vps", "First start"),
        ("deploying_wopr", "Applications"),
        ("verifying", "Check from outside"),
        ("generating_docs", "Your guide"),
        ("sending_welcome", "Welcome mail"),
    ];

    /// <summary>All steps in their order. A job that left the way (failed, cancelled, …) stopped at the last step it reached.</summary>
    public static IReadOnlyList<JobStep> Of(JobView job)
    {
        var entered = Entered(job);
        var aside = job.State != "completed" && Index(job.State) < 0;
        var at = job.State == "completed" ? Way.Length : aside ? LastReached(entered) : Index(job.State);
        return [.. Way.Select((step, i) => new JobStep(step.Name, StateOf(i, at, aside), i < at ? Took(i, entered, job) : null))];
    }

    /// <summary>It was paid for, and every step leads towards a beacon.</summary>
    public static bool IsOnItsWay(JobView job) => Index(job.State) > 0;

    private static StepState StateOf(int step, int at, bool aside) =>
        step < at ? StepState.Done : step > at ? StepState.Ahead : aside ? StepState.Stopped : StepState.Now;

    private static int Index(string state) => Array.FindIndex(Way, s => s.State == state);

    private static int LastReached(DateTimeOffset?[] entered) => Math.Max(0, Array.FindLastIndex(entered, e => e is not null));

    /// <summary>When each step began last; a resumed job passes some of them again.</summary>
    private static DateTimeOffset?[] Entered(JobView job)
    {
        var entered = new DateTimeOffset?[Way.Length + 1];
        entered[0] = job.CreatedAt;
        // The beacon's own reports name the state they came in, but do not begin it.
        foreach (var entry in job.Timeline.Where(e => e.Kind == "state"))
        {
            var step = entry.State == "completed" ? Way.Length : entry.State is { } state ? Index(state) : -1;
            if (step >= 0) entered[step] = entry.At;
        }

        return entered;
    }

    private static TimeSpan? Took(int step, DateTimeOffset?[] entered, JobView job)
    {
        if (entered[step] is not { } began) return null;
        var next = entered.Skip(step + 1).FirstOrDefault(e => e is not null) ?? (job.Over ? job.UpdatedAt : null);
        return next is { } ended && ended >= began ? ended - began : null;
    }
}
