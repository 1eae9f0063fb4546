namespace Wopr.Support.Diagnosis;

/// <summary>Weighs the evidence: what is too thin or better explained by another code goes, causes come before what follows from them.</summary>
public static class Ranking
{
    /// <summary>From here on a code is more likely than not.</summary>
    public const double Medium = 0.5;

    /// <summary>Below, it is not worth naming.</summary>
    private const double Least = 0.3;
    private const double WordsAlone = 0.79;
    private const double ConsequenceFactor = 0.7;
    private const double SharedLineFactor = 0.45;
    private const double AlmostAsGood = 0.92;
    private const int MostFindings = 8;

    public static Verdict Weigh(ErrorCatalogue catalogue, IReadOnlyDictionary<ErrorCode, List<Evidence>> evidence, IEnumerable<RuledOut> setAside)
    {
        var findings = evidence.Select(e => new Finding(catalogue[e.Key], Confidence(e.Value), e.Value)).ToList();
        var ruledOut = new List<RuledOut>();
        var kept = findings.Select(f => Explain(f, findings, ruledOut)).OfType<Finding>().ToList();
        kept = DropGuesses(kept, ruledOut);
        kept = [.. kept.Select(f => Relate(f, kept))];
        var ranked = kept.OrderBy(f => f.FollowsFrom is null ? 0 : 1).ThenByDescending(f => Math.Round(f.Confidence, 1)).ThenBy(f => f.Evidence.Min(e => e.Line.Number)).ThenByDescending(f => f.Confidence).ToList();
        foreach (var weak in ranked.Skip(MostFindings)) ruledOut.Add(new RuledOut(weak.Entry.Code, "Others fit better.", weak.Evidence[0].Line));
        var named = ranked.Take(MostFindings).Select(f => f.Entry.Code).ToHashSet();
        return new Verdict(
            [.. ranked.Take(MostFindings)],
            [.. setAside.Concat(ruledOut).Where(r => !named.Contains(r.Code)).GroupBy(r => r.Code).Select(g => g.First())]);
    }

    /// <summary>Independent evidence adds up; the same pattern twice is no more than once. Words alone never make it certain.</summary>
    private static double Confidence(IEnumerable<Evidence> evidence)
    {
        var patterns = evidence.GroupBy(e => (e.Kind, e.Because)).Select(g => g.MaxBy(e => e.Weight)!).ToList();
        var sum = 1 - patterns.Aggregate(1.0, (rest, e) => rest * (1 - e.Weight));
        return patterns.All(e => e.Kind <= EvidenceKind.Words) ? Math.Min(sum, WordsAlone)
            : patterns.All(e => e.Kind <= EvidenceKind.Hint) ? Math.Min(sum, 0.84)
            : Math.Min(sum, 0.99);
    }

    /// <summary>A line that another code explains better is no evidence for this one.</summary>
    private static Finding? Explain(Finding finding, List<Finding> all, List<RuledOut> ruledOut)
    {
        Finding? better = null;
        var own = finding.Evidence.Where(e =>
        {
            var other = all.FirstOrDefault(o => o.Entry.Code != finding.Entry.Code
                && !AreRelated(finding, o, e)
                && o.Evidence.Any(x => SamePlace(x.Line, e.Line) && Beats(x, e)));
            better ??= other;
            return other is null;
        }).ToList();
        if (better is null) return finding;
        var confidence = own.Count > 0 ? Confidence(own) : finding.Confidence * SharedLineFactor;
        if (own.Count > 0 && confidence >= Medium) return finding with { Confidence = confidence, Evidence = own };
        ruledOut.Add(new RuledOut(finding.Entry.Code, $"{better.Entry.Code} explains the line better.", finding.Evidence[0].Line));
        return null;
    }

    /// <summary>Cause and consequence may share a line, when it shows both.</summary>
    private static bool AreRelated(Finding one, Finding other, Evidence evidence) =>
        evidence.Kind >= EvidenceKind.Signature && (one.Entry.Clues.Follows.Contains(other.Entry.Code) || other.Entry.Clues.Follows.Contains(one.Entry.Code));

    private static bool SamePlace(LogLine one, LogLine other) => one.Source == other.Source && one.Number == other.Number;

    private static bool Beats(Evidence one, Evidence other) =>
        one.Kind != other.Kind
            ? one.Kind > other.Kind && one.Kind >= EvidenceKind.Signature
            : one.Kind == EvidenceKind.Signature && one.Length > other.Length;

    /// <summary>Beside what is likely, what is merely possible is left out; of several guesses only the best counts.</summary>
    private static List<Finding> DropGuesses(List<Finding> findings, List<RuledOut> ruledOut)
    {
        if (findings.Count == 0) return findings;
        var best = findings.Max(f => f.Confidence);
        var onlyWords = findings.All(f => f.Evidence.All(e => e.Kind <= EvidenceKind.Hint));
        bool Stays(Finding f) => f.Confidence >= (onlyWords ? Math.Max(Least, AlmostAsGood * best) : best >= Medium ? Medium : Least);
        foreach (var guess in findings.Where(f => !Stays(f))) ruledOut.Add(new RuledOut(guess.Entry.Code, "Too little speaks for it.", guess.Evidence[0].Line));
        return [.. findings.Where(Stays)];
    }

    private static Finding Relate(Finding finding, List<Finding> all) =>
        all.Where(o => o.Entry.Code != finding.Entry.Code && finding.Entry.Clues.Follows.Contains(o.Entry.Code)).MaxBy(o => o.Confidence) is { } cause
            ? finding with { Confidence = finding.Confidence * ConsequenceFactor, FollowsFrom = cause.Entry.Code }
            : finding;
}
