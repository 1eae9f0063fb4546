using System.Globalization;
using Wopr.Incidents;

namespace Wopr.Operators;

/// <summary>Everything that happened to one job in one order: what it did, what was tried, what went wrong, and who stepped in.</summary>
public static class JobHistory
{
    /// <summary>Oldest first. <paramref name="tries"/>: with each run of a step and each provider call.</summary>
    public static IReadOnlyList<HistoryLine> Of(JobDossier dossier, bool tries = true) =>
    [
        .. dossier.Timeline.Select(t => new HistoryLine(
            t.At, t.Stage is not null || t.Module is not null ? "callback" : t.Kind,
            string.Join(' ', new[] { t.State, t.Stage, t.Module, t.Progress is { } percent ? $"{percent} %" : null }.OfType<string>()), t.Message, t.Code))
            .Concat(tries ? dossier.Trace.Select(Tried) : [])
            .Concat(dossier.Incidents.SelectMany(Raised))
            .Concat(dossier.Audit.Select(a => new HistoryLine(a.At, "operator", $"{a.Action}: {a.Outcome}", $"{a.Actor}: {a.Reason}", a.Code)))
            .Concat(dossier.Mails.Where(m => m.SentAt is not null).Select(m => new HistoryLine(m.SentAt!.Value, "mail", m.Kind, m.Attempts > 1 ? $"after {m.Attempts} attempts" : null, null)))
            // What is written at the same moment stays in the order above: the event before what is tried next.
            .OrderBy(l => l.At),
    ];

    private static HistoryLine Tried(TraceFacts trace) => new(
        trace.At, trace.Kind == "call" ? "provider call" : "step", trace.What,
        string.Create(CultureInfo.InvariantCulture, $"{trace.Outcome}{(trace.Sent > 1 ? $", sent {trace.Sent} times" : "")}, {trace.TookMs} ms"), null)
    {
        Trouble = trace.Kind == "call" ? !trace.Outcome.StartsWith('2') : trace.Outcome == "threw",
    };

    private static IEnumerable<HistoryLine> Raised(Incident incident)
    {
        yield return new(incident.FirstAt, "incident", incident.Count > 1 ? $"opened, seen {incident.Count} times" : "opened", incident.Summary, incident.Code);
        if (incident.ClosedAt is { } closed) yield return new(closed, "incident", "closed", incident.ClosedWhy, incident.Code);
    }
}

/// <param name="Kind">Whose word it is: <c>state</c>, <c>callback</c>, <c>step</c>, <c>provider call</c>, <c>incident</c>, <c>operator</c>, <c>mail</c> …</param>
public sealed record HistoryLine(DateTimeOffset At, string Kind, string What, string? Message, string? Code)
{
    /// <summary>It did not go well, without being a failure of the job.</summary>
    public bool Trouble { get; init; }
}
