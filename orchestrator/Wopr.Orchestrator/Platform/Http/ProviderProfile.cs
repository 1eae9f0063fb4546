using Wopr.Platform.Http.Budget;

namespace Wopr.Platform.Http;

/// <summary>Everything in which one provider's transport differs from another's.</summary>
/// <param name="Name">In logs, metrics and failures: <c>hetzner</c>, <c>cloudflare</c>.</param>
/// <param name="Endpoint">With its version path, such as <c>/v1</c>; paths are appended to it.</param>
public sealed record ProviderProfile(string Name, Uri Endpoint, ApiToken Token, IErrorTable Errors, BudgetAccount Budget)
{
    /// <summary>One attempt, from the first byte sent to the last byte read. Creating a server answers within seconds.</summary>
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The whole call with its waits. Longer waits belong to the job's own schedule, where they hold no worker.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(40);

    /// <summary>How often one request is sent at most.</summary>
    public int MaxAttempts { get; init; } = 5;

    /// <summary>The first wait before a repetition lies between zero and this; the range doubles each time.</summary>
    public TimeSpan FirstBackoff { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The longest such range.</summary>
    public TimeSpan LongestBackoff { get; init; } = TimeSpan.FromSeconds(8);
}
