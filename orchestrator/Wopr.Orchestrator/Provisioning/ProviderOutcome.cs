using Wopr.Provisioning.Ports;

namespace Wopr.Provisioning;

/// <summary>What a step does about a refusal that is not its own affair.</summary>
public static class ProviderOutcome
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(3);

    /// <summary>Passing trouble is waited out until the state's deadline, then it is the failure; anything else fails at once.</summary>
    public static Outcome For(ProviderFailure failure, Job job)
    {
        var passing = failure.Retry is Retry.Later or Retry.LookFirst;
        return passing && !job.DeadlinePassed
            ? Outcome.WaitUntil(failure.RetryAfter is { } after && after > Pause ? after : Pause, $"{failure.Provider} {failure.Status} {failure.ProviderCode}")
            : Outcome.Fail(failure.Code, Describe(failure));
    }

    public static string Describe(ProviderFailure failure) => $"{failure.Provider} {failure.Status} {failure.ProviderCode}: {failure.Message}";
}
