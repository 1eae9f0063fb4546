using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Wopr.Platform.Http;

namespace Wopr.Orchestrator.Tests.Http;

public sealed class TelemetryTests
{
    [Fact]
    public async Task A_call_is_counted_once_with_its_outcome_and_all_its_attempts()
    {
        await using var bench = await ProviderBench.StartAsync();
        bench.On("GET /v1/servers/77", Answer.Html(502)).On("GET /v1/servers/77", Answer.Refusal(404, "not_found"));
        var seen = new ConcurrentQueue<(string Name, double Value, string Outcome)>();
        var meter = (bench.Services.GetService(typeof(IMeterFactory)) as IMeterFactory)!.Create(ProviderTelemetry.Name);
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter == meter) l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((i, v, tags, _) => seen.Enqueue((i.Name, v, Outcome(tags))));
        listener.Start();

        await bench.Cloud.GetServerAsync(77, CancellationToken.None);

        seen.ShouldBe([("wopr.provider.calls", 1, "hetzner servers.get 404"), ("wopr.provider.attempts", 2, "hetzner servers.get 404")]);
    }

    private static string Outcome(ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        string.Join(' ', tags.ToArray().Select(t => t.Value));
}
