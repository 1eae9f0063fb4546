using System.Net;
using Wopr.Platform.Http.Budget;

namespace Wopr.Platform.Http;

/// <summary>
/// Charges every attempt to the token's shared budget. Waits for it as long as the call's deadline allows, and tells
/// the budget what the provider's headers say.
/// </summary>
internal sealed partial class BudgetHandler(ProviderProfile profile, IProviderBudget budget, TimeProvider time, Pause pause, ILogger<BudgetHandler> logger) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var call = ProviderCall.Of(request);
        await TakeAsync(call, cancellationToken);

        var response = await base.SendAsync(request, cancellationToken);

        if (RateHeaders.Read(response.Headers) is { } reading) budget.Observe(profile.Budget, reading);
        if (response.StatusCode == HttpStatusCode.TooManyRequests) await BlockAsync(response, cancellationToken);
        return response;
    }

    private async Task TakeAsync(ProviderCall call, CancellationToken cancellation)
    {
        while (true)
        {
            var wait = await budget.TakeAsync(profile.Budget, call.Priority, cancellation);
            if (wait <= TimeSpan.Zero) return;
            if (time.GetUtcNow() + wait >= call.Deadline) throw new BudgetExhaustedException(wait);
            Log.Waits(logger, profile.Name, call.Operation, call.Priority, wait);
            await pause(wait, cancellation);
        }
    }

    private async Task BlockAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var block = RetryAfter.Of(response, now) ?? profile.Budget.BlockWithoutRetryAfter;
        Log.Blocked(logger, profile.Name, block);
        await budget.BlockAsync(profile.Budget, now + block, cancellation);
    }

    private static partial class Log
    {
        [LoggerMessage(4011, LogLevel.Information, "{Provider} {Operation} ({Priority}) waits {Wait} for the call budget")]
        public static partial void Waits(ILogger logger, string provider, string operation, CallPriority priority, TimeSpan wait);

        [LoggerMessage(4012, LogLevel.Warning, "{Provider} answered 429; no calls with this token for {Block}")]
        public static partial void Blocked(ILogger logger, string provider, TimeSpan block);
    }
}

/// <summary>The budget frees no call before the deadline. Stays within the chain.</summary>
internal sealed class BudgetExhaustedException(TimeSpan wait) : Exception("the call budget is used up")
{
    public TimeSpan Wait => wait;
}
