namespace Wopr.Callbacks;

/// <summary>What became of a callback. Whether a job exists is never told to whoever has no token for it.</summary>
public enum CallbackOutcome
{
    /// <summary>Taken, or known already.</summary>
    Accepted,

    /// <summary>No job, no such token, another job's, or an expired one: all the same from outside.</summary>
    TokenInvalid,

    /// <summary>The token was this job's, and the job is over.</summary>
    JobOver,

    TooMany,
}
