using System.Collections.Concurrent;
using Npgsql;
using Wopr.Platform.Http;
using Wopr.Support;

namespace Wopr.Incidents;

/// <summary>
/// One incident for a provider in trouble, not one for each job that meets it; closed when the provider answers again.
/// Each node watches its own calls, and either of them may close what another raised.
/// </summary>
public sealed partial class ProviderWatch(IncidentStore incidents, TimeProvider time, ILogger<ProviderWatch> logger) : BackgroundService, IProviderWatch
{
    /// <summary>Calls in a row, each with all its repetitions, before passing trouble counts as an outage. A refused or missing token counts at once.</summary>
    public const int CallsInARow = 3;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, News> all = new(StringComparer.Ordinal);

    public void Answered(string provider) => Of(provider).Answered();

    public void Troubled(string provider, ErrorCode code, string words) => Of(provider).Troubled(code, words);

    /// <summary>Writes down what happened since the last time; nothing when no calls were made.</summary>
    public async Task SettleAsync(CancellationToken cancellation)
    {
        foreach (var (provider, news) in all)
        {
            if (news.Take() is not { } latest) continue;
            var cause = IncidentCause.Provider(provider);
            if (latest.Code is { } code)
                await incidents.RaiseAsync(new Trouble(cause, code, Severity.Critical, Job: null, $"{provider}: {latest.Words}", new { calls_in_a_row = latest.InARow, last = latest.Words }), cancellation);
            else if (await incidents.CloseAsync(cause, $"{provider} answers again", cancellation))
                Recovered(logger, provider);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await SettleAsync(stoppingToken);
                }
                catch (NpgsqlException error)
                {
                    // What was taken is told again by the next calls.
                    NotWritten(logger, error);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The node stops.
        }
    }

    private News Of(string provider) => all.GetOrAdd(provider, static _ => new News());

    private sealed record Latest(ErrorCode? Code, string Words, int InARow);

    private sealed class News
    {
        private readonly Lock gate = new();
        private Latest? latest;
        private int inARow;

        public void Answered()
        {
            lock (gate)
            {
                inARow = 0;
                latest = new Latest(Code: null, "", 0);
            }
        }

        public void Troubled(ErrorCode code, string words)
        {
            lock (gate)
            {
                inARow++;
                var atOnce = code == ErrorCodes.HetznerTokenRefused || code == ErrorCodes.CloudflareTokenRefused || code == ErrorCodes.ProjectUnknown;
                if (atOnce || inARow >= CallsInARow) latest = new Latest(code, words, inARow);
            }
        }

        public Latest? Take()
        {
            lock (gate)
            {
                var taken = latest;
                latest = null;
                return taken;
            }
        }
    }

    [LoggerMessage(5001, LogLevel.Information, "{Provider} answers again")]
    private static partial void Recovered(ILogger logger, string provider);

    [LoggerMessage(5002, LogLevel.Warning, "the state of the providers could not be written down")]
    private static partial void NotWritten(ILogger logger, Exception error);
}
