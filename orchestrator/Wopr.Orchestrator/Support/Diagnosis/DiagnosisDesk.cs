using Wopr.Provisioning;

namespace Wopr.Support.Diagnosis;

/// <summary>Diagnoses a job, a log, or both. It only reads: nothing that it is given or finds is carried out.</summary>
public sealed class DiagnosisDesk(Diagnostician diagnostician, JobEvidence jobs)
{
    private const string AnyCheck = "Send more of the log, from the first line that tells of trouble, or the id of the job; TROUBLESHOOTING.md begins with quick diagnostic commands.";

    /// <param name="log">At most <see cref="LogText.LargestInput"/> characters, of whatever origin; a description in words will do.</param>
    /// <returns>Null when there is no such job.</returns>
    public async Task<DiagnosisView?> DiagnoseAsync(JobId? job, string? log, CancellationToken cancellation)
    {
        JobPicture? picture = null;
        if (job is { } id && (picture = await jobs.GatherAsync(id, cancellation)) is null) return null;
        var sent = log is null ? null : LogText.Read("log", log);
        var text = (picture?.Text, sent) switch
        {
            ({ } known, { } more) => known.Then(more),
            ({ } known, null) => known,
            (_, { } more) => more,
            _ => LogText.Of([]),
        };
        var verdict = diagnostician.Examine(text, picture?.Facts);
        var named = verdict.Findings.Select(f => f.Entry.Code).ToHashSet();
        return new DiagnosisView(
            verdict.IsUnknown ? "unknown" : "found",
            picture?.Dossier.Job.Id,
            [.. verdict.Findings.Select(FindingView.Of)],
            [.. verdict.RuledOut.Concat(picture?.Against ?? []).Where(r => !named.Contains(r.Code)).DistinctBy(r => r.Code).Select(r => new RuledOutView(r.Code.Value, r.Why, r.Line is { } line ? EvidenceView.Quote(line) : null))],
            [.. text.Lines.Select(l => l.Source).Distinct(StringComparer.Ordinal)],
            picture?.NotLookedAt ?? [],
            text.IsCut,
            verdict.IsUnknown ? AnyCheck : null);
    }
}
