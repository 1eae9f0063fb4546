namespace Wopr.Support.Diagnosis;

/// <param name="Verdict"><c>found</c>, or <c>unknown</c> when nothing fits: then there is no code, not even a guess.</param>
/// <param name="Codes">The likeliest first, causes before what follows from them.</param>
/// <param name="RuledOut">Codes that something spoke for, or that one would think of, and why they are not it.</param>
/// <param name="LookedAt">Where lines were read: <c>log</c>, <c>timeline</c>, <c>job</c>, <c>provider</c>, <c>dns</c>, <c>mail</c>, <c>incident</c>.</param>
/// <param name="NotLookedAt">What did not answer.</param>
/// <param name="Cut">The log was longer than what is looked at.</param>
/// <param name="NextCheck">What to do when nothing was found; otherwise each code has its own.</param>
public sealed record DiagnosisView(
    string Verdict,
    Guid? Job,
    IReadOnlyList<FindingView> Codes,
    IReadOnlyList<RuledOutView> RuledOut,
    IReadOnlyList<string> LookedAt,
    IReadOnlyList<string> NotLookedAt,
    bool Cut,
    string? NextCheck);

/// <param name="Confidence">Between 0 and 1.</param>
/// <param name="Certainty"><c>high</c> from 0.8, <c>medium</c> from 0.5, else <c>low</c>.</param>
/// <param name="Role"><c>cause</c>, or <c>consequence</c> of <paramref name="FollowsFrom"/>.</param>
/// <param name="Evidence">At most ten quoted lines; secrets and personal data are masked.</param>
/// <param name="NextCheck">How to make sure (Markdown).</param>
public sealed record FindingView(
    string Code,
    string Title,
    double Confidence,
    Certainty Certainty,
    string Role,
    string? FollowsFrom,
    IReadOnlyList<EvidenceView> Evidence,
    string NextCheck,
    RemedyView? Remedy,
    CustomerView Customer,
    string Url)
{
    private const int MostEvidence = 10;

    internal static FindingView Of(Finding finding) => new(
        finding.Entry.Code.Value,
        finding.Entry.Title,
        Math.Round(finding.Confidence, 2),
        finding.Certainty,
        finding.FollowsFrom is null ? "cause" : "consequence",
        finding.FollowsFrom?.Value,
        [.. finding.Evidence.OrderByDescending(e => e.Weight).DistinctBy(e => (e.Line.Source, e.Line.Number)).Take(MostEvidence).Select(EvidenceView.Of)],
        finding.Entry.Diagnosis,
        finding.Entry.Remedy is { } remedy ? new RemedyView(remedy.Name, remedy.Tier, remedy.Summary) : null,
        new CustomerView(finding.Entry.Customer.WhatHappened, finding.Entry.Customer.WhatWeDo, finding.Entry.Customer.WhatYouCanDo),
        $"/support/{finding.Entry.Code}");
}

/// <param name="Source">Where the line stands.</param>
/// <param name="Line">Its number there, from 1.</param>
/// <param name="Because">The pattern that it shows, or the fact that it is.</param>
public sealed record EvidenceView(string Source, int Line, string Text, string? Because)
{
    private const int Longest = 400;

    internal static EvidenceView Of(Evidence evidence) => Quote(evidence.Line) with { Because = evidence.Because };

    internal static EvidenceView Quote(LogLine line) => new(line.Source, line.Number, line.Text.Length > Longest ? line.Text[..Longest] + "…" : line.Text, null);
}

/// <param name="Evidence">The line that seemed to speak for it, or speaks against it.</param>
public sealed record RuledOutView(string Code, string Why, EvidenceView? Evidence);
