using Wopr.Support;

namespace Wopr.Provisioning;

/// <summary>
/// The code that moves a job out of one state. It is idempotent: it may have run before, wholly or in part, here or
/// elsewhere, and reads from the job and its resources what is already there.
/// </summary>
public interface IStep
{
    JobState State { get; }

    /// <summary>How long a job may stay in the state; null for ever. README.md documents each.</summary>
    TimeSpan? Deadline { get; }

    Task<Outcome> RunAsync(StepContext context, CancellationToken cancellation);

    /// <summary>What a job fails with when the deadline has passed and the step still wants to wait.</summary>
    ErrorCode MissedDeadline => ErrorCodes.StateDeadlineMissed;
}

/// <summary>What a step may use besides what it was built with.</summary>
public sealed record StepContext(Job Job, JobJournal Journal);
