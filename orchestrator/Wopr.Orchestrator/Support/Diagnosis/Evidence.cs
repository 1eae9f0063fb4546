namespace Wopr.Support.Diagnosis;

/// <summary>One line that speaks for a code.</summary>
/// <param name="Because">The pattern that it shows, or the fact that it is.</param>
/// <param name="Weight">How likely the code is with this evidence alone, between 0 and 1.</param>
/// <param name="Length">Characters of the line that the pattern covers: the longer, the more special.</param>
public sealed record Evidence(LogLine Line, EvidenceKind Kind, string Because, double Weight, int Length = 0);

public enum EvidenceKind
{
    /// <summary>Several words of the entry occur; the weakest.</summary>
    Likeness,
    Words,
    Hint,
    Signature,

    /// <summary>The line names the code itself.</summary>
    Code,

    /// <summary>This service knows it, from the job or from a provider.</summary>
    Fact,
}

/// <summary>One code that fits.</summary>
/// <param name="Confidence">Between 0 and 1.</param>
/// <param name="FollowsFrom">The code whose consequence this one is here; null for a root.</param>
public sealed record Finding(ErrorEntry Entry, double Confidence, IReadOnlyList<Evidence> Evidence, ErrorCode? FollowsFrom = null)
{
    public Certainty Certainty => Confidence >= 0.8 ? Certainty.High : Confidence >= Ranking.Medium ? Certainty.Medium : Certainty.Low;
}

public enum Certainty { Low, Medium, High }

/// <summary>A code that something spoke for, and why it is not the one.</summary>
public sealed record RuledOut(ErrorCode Code, string Why, LogLine? Line);

/// <summary>What was found; no finding means unknown.</summary>
public sealed record Verdict(IReadOnlyList<Finding> Findings, IReadOnlyList<RuledOut> RuledOut)
{
    public bool IsUnknown => Findings.Count == 0;
}
