using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Wopr.Platform.Http;

/// <summary>The instruments of all provider calls, under the name <c>Wopr.Providers</c>.</summary>
public sealed class ProviderTelemetry : IDisposable
{
    public const string Name = "Wopr.Providers";

    private readonly Meter meter;
    private readonly Counter<long> calls;
    private readonly Counter<long> attempts;
    private readonly Histogram<double> duration;

    public ProviderTelemetry(IMeterFactory meters)
    {
        meter = meters.Create(Name);
        calls = meter.CreateCounter<long>("wopr.provider.calls", "{call}", "Provider calls, by provider, operation and outcome");
        attempts = meter.CreateCounter<long>("wopr.provider.attempts", "{attempt}", "Requests sent, repetitions included");
        duration = meter.CreateHistogram<double>("wopr.provider.duration", "s", "Whole calls, waits included");
    }

    public static ActivitySource Activities { get; } = new(Name);

    /// <param name="outcome">The HTTP status, or <c>no_answer</c>, <c>budget</c>, <c>cancelled</c>.</param>
    public void Record(string provider, string operation, string outcome, int sent, TimeSpan took)
    {
        var tags = new TagList { { "provider", provider }, { "operation", operation }, { "outcome", outcome } };
        calls.Add(1, tags);
        attempts.Add(sent, tags);
        duration.Record(took.TotalSeconds, tags);
    }

    public void Dispose() => meter.Dispose();
}
