using Wopr.Provisioning.Ports;
using Wopr.Support;

namespace Wopr.Provisioning;

/// <summary>What a step does about a refusal that is not its own affair.</summary>
public static class ProviderOutcome
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(500);

    // Room comes back when addresses of deleted servers are given up, or when an operator makes some: no need to ask often.
    private static readonly TimeSpan LimitPause = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Passing trouble is waited out until the state's deadline, then it is the failure; anything else fails at once. A
    /// limit on the number of calls never fails a job, however long it lasts.
    /// </summary>
    public static Outcome For(ProviderFailure failure, Job job)
    {
        if (failure.Code == ErrorCodes.HetznerRateLimited || failure.Code == ErrorCodes.CloudflareRateLimited)
            return Outcome.WaitOurTurn(Wait(failure), $"{failure.Provider} takes no more calls for now");
        var passing = failure.Retry is Retry.Later or Retry.LookFirst;
        return passing && !job.DeadlinePassed
            ? Outcome.WaitUntil(Wait(failure), $"{failure.Provider} {failure.Status} {failure.ProviderCode}")
            : Outcome.Fail(failure.Code, Describe(failure));
    }

    /// <summary>
    /// The same for whatever makes something: an account limit is waited out for <paramref name="limitWait"/> since the
    /// state began, because addresses of servers just deleted count for a while; then it is the failure.
    /// </summary>
    public static Outcome ForCreate(ProviderFailure failure, Job job, TimeSpan limitWait)
    {
        if (failure.Code != ErrorCodes.AccountLimit) return For(failure, job);
        var left = job.StateEnteredAt + limitWait - job.Now;
        return left > TimeSpan.Zero && !job.DeadlinePassed
            ? Outcome.WaitUntil(left < LimitPause ? left : LimitPause, $"the account's limit; another {left.TotalSeconds:0} s")
            : Outcome.Fail(failure.Code, Describe(failure));
    }

    /// <summary>What the provider asked for, but never so short that a job spins.</summary>
    private static TimeSpan Wait(ProviderFailure failure) =>
        failure.RetryAfter is not { } after ? Pause : after < ShortestPause ? ShortestPause : after;

    public static string Describe(ProviderFailure failure) => $"{failure.Provider} {failure.Status} {failure.ProviderCode}: {failure.Message}";
}
