namespace Wopr.Platform.Http;

/// <summary>
/// Sends again what is worth it, and only that: refusals that the provider's table marks as passing, and lost answers
/// of requests that may be repeated freely. A request that creates something is repeated only after a refusal that
/// proves that nothing happened (429, 409 conflict, 423): after a 5xx or silence its caller must look first.
/// </summary>
internal sealed partial class RetryHandler(ProviderProfile profile, TimeProvider time, Random random, Pause pause, ILogger<RetryHandler> logger) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var call = ProviderCall.Of(request);
        for (var attempt = 1; ; attempt++)
        {
            TimeSpan wait;
            try
            {
                var response = await base.SendAsync(request, cancellationToken);
                if (response.IsSuccessStatusCode || attempt >= profile.MaxAttempts) return response;

                var row = await Row(call, response, cancellationToken);
                wait = RetryAfter.Of(response, time.GetUtcNow()) ?? Backoff(attempt);
                if (!row.Soon || !Fits(call, wait)) return response;
                Log.Refused(logger, profile.Name, call.Operation, (int)response.StatusCode, attempt, wait);
                response.Dispose();
            }
            catch (NoAnswerException e)
            {
                wait = Backoff(attempt);
                var harmless = call.Repeat == Repeat.Freely || !e.MayHaveHadEffect;
                if (!harmless || attempt >= profile.MaxAttempts || !Fits(call, wait)) throw;
                Log.NoAnswer(logger, profile.Name, call.Operation, e.Message, attempt, wait);
            }

            await pause(wait, cancellationToken);
        }
    }

    private async Task<ErrorRow> Row(ProviderCall call, HttpResponseMessage response, CancellationToken cancellation)
    {
        var body = await response.Content.ReadAsByteArrayAsync(cancellation);
        return profile.Errors.Read(call.Operation, (int)response.StatusCode, body).Row.For(call.Repeat);
    }

    /// <summary>Exponential with full jitter: anywhere between zero and the range, so that nodes do not march in step.</summary>
    private TimeSpan Backoff(int attempt)
    {
        var range = Math.Min(profile.LongestBackoff.TotalSeconds, profile.FirstBackoff.TotalSeconds * Math.Pow(2, attempt - 1));
        return TimeSpan.FromSeconds(range * random.NextDouble());
    }

    private bool Fits(ProviderCall call, TimeSpan wait) => time.GetUtcNow() + wait < call.Deadline;

    private static partial class Log
    {
        [LoggerMessage(4001, LogLevel.Information, "{Provider} {Operation} was refused with {Status}; attempt {Attempt}, again in {Wait}")]
        public static partial void Refused(ILogger logger, string provider, string operation, int status, int attempt, TimeSpan wait);

        [LoggerMessage(4002, LogLevel.Information, "{Provider} {Operation}: {Reason}; attempt {Attempt}, again in {Wait}")]
        public static partial void NoAnswer(ILogger logger, string provider, string operation, string reason, int attempt, TimeSpan wait);
    }
}

/// <summary>The Retry-After header, in seconds or as a date (RFC 9110, section 10.2.3).</summary>
internal static class RetryAfter
{
    public static TimeSpan? Of(HttpResponseMessage response, DateTimeOffset now)
    {
        var wait = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            // Both by the provider's clock, so that ours need not be right.
            { Date: { } date } => date - (response.Headers.Date ?? now),
            _ => (TimeSpan?)null,
        };
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }
}
