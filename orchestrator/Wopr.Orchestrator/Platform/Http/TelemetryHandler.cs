using System.Diagnostics;
using System.Globalization;
using Wopr.Platform.Trace;

namespace Wopr.Platform.Http;

/// <summary>One activity, one log line, one measurement, and one line in the record of each job that it is for, for each call, whatever it came to.</summary>
internal sealed partial class TelemetryHandler(ProviderProfile profile, ProviderTelemetry telemetry, IJobTrace trace, TimeProvider time, ILogger<TelemetryHandler> logger) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var call = ProviderCall.Of(request);
        using var activity = ProviderTelemetry.Activities.StartActivity($"{profile.Name} {call.Operation}", ActivityKind.Client);
        var start = time.GetTimestamp();
        var outcome = "cancelled";
        try
        {
            var response = await base.SendAsync(request, cancellationToken);
            outcome = ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture);
            return response;
        }
        catch (NoAnswerException)
        {
            outcome = "no_answer";
            throw;
        }
        catch (BudgetExhaustedException)
        {
            outcome = "budget";
            throw;
        }
        finally
        {
            var took = time.GetElapsedTime(start);
            activity?.SetTag("provider", profile.Name).SetTag("outcome", outcome).SetTag("attempts", call.Attempts);
            telemetry.Record(profile.Name, call.Operation, outcome, call.Attempts, took);
            foreach (var job in CallScope.Jobs) trace.Note(new TraceEntry(job, TraceKind.Call, $"{profile.Name} {call.Operation}", outcome, call.Attempts, took));
            Log.Called(logger, profile.Name, call.Operation, outcome, call.Attempts, took);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4021, LogLevel.Debug, "{Provider} {Operation}: {Outcome} after {Attempts} attempts in {Took}")]
        public static partial void Called(ILogger logger, string provider, string operation, string outcome, int attempts, TimeSpan took);
    }
}
