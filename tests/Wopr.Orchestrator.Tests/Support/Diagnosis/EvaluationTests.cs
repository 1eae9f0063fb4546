using Shouldly;
using Wopr.Support;
using Wopr.Support.Diagnosis;
using Wopr.Tests.Support;
using Xunit;
using Xunit.Abstractions;

namespace Wopr.Orchestrator.Tests.Support.Diagnosis;

/// <summary>Scores the diagnosis with logs and symptoms whose code is known; about one in five fits no code.</summary>
public sealed class EvaluationTests(ITestOutputHelper output)
{
    private const double LeastPrecision = 0.95;
    private const double LeastRecall = 0.95;

    private static readonly Diagnostician Diagnostician = new(ErrorCatalogue.Load());

    [Theory]
    [InlineData("cases.txt", 60, 15)]
    [InlineData("cases-second.txt", 120, 30)]
    [InlineData("cases-third.txt", 250, 70)]
    public void Most_is_found_and_little_is_wrong(string file, int leastCases, int leastUnknown)
    {
        var cases = EvaluationCase.ReadAll(file);
        cases.Count.ShouldBeGreaterThanOrEqualTo(leastCases);
        cases.Count(c => c.IsUnknown).ShouldBeGreaterThanOrEqualTo(leastUnknown);

        var score = new Score();
        foreach (var one in cases) score.Add(one, Diagnostician.Examine(LogText.Read("log", one.Text)));

        foreach (var miss in score.Misses) output.WriteLine(miss);
        // deploy/test takes this line out of the results and prints it, also when nothing fails.
        output.WriteLine($"diagnosis, {file}: {score}");
        score.Precision.ShouldBeGreaterThanOrEqualTo(LeastPrecision, string.Join('\n', score.Misses));
        score.Recall.ShouldBeGreaterThanOrEqualTo(LeastRecall, string.Join('\n', score.Misses));
    }
}

/// <param name="Expected">The codes that must be found, the cause first; empty when no code fits.</param>
/// <param name="Consequences">Codes that may be named as what follows.</param>
internal sealed record EvaluationCase(string Name, IReadOnlyList<string> Expected, IReadOnlyList<string> Consequences, string Text)
{
    public bool IsUnknown => Expected.Count == 0;

    public static IReadOnlyList<EvaluationCase> ReadAll(string file)
    {
        var document = File.ReadAllText(Repository.PathOf("tests", "Wopr.Orchestrator.Tests", "Support", "Diagnosis", file));
        return [.. document.Split("\n=== ").Skip(1).Select(Read)];
    }

    private static EvaluationCase Read(string text)
    {
        var (head, body) = (text[..text.IndexOf('\n', StringComparison.Ordinal)], text[(text.IndexOf('\n', StringComparison.Ordinal) + 1)..]);
        var at = head.LastIndexOf(": ", StringComparison.Ordinal);
        var codes = head[(at + 2)..].Split(", ");
        return new EvaluationCase(
            head[..at],
            [.. codes.Where(c => c != "unknown" && !c.StartsWith('['))],
            [.. codes.Where(c => c.StartsWith('[')).Select(c => c.Trim('[', ']'))],
            body);
    }
}

/// <summary>Precision and recall over codes; a wrong code that is named with high confidence counts double.</summary>
internal sealed class Score
{
    private int found;
    private int wanted;
    private int wrong;
    private int cases;
    private int firsts;

    public List<string> Misses { get; } = [];

    public double Precision => (double)found / Math.Max(1, found + wrong);

    public double Recall => (double)found / Math.Max(1, wanted);

    public void Add(EvaluationCase one, Verdict verdict)
    {
        cases++;
        wanted += one.Expected.Count;
        var named = verdict.Findings.Select(f => f.Entry.Code.Value).ToList();
        found += one.Expected.Count(named.Contains);
        var strange = verdict.Findings.Where(f => !one.Expected.Contains(f.Entry.Code.Value) && !one.Consequences.Contains(f.Entry.Code.Value)).ToList();
        wrong += strange.Sum(f => f.Certainty == Certainty.High ? 2 : 1);
        var isFirst = one.IsUnknown ? verdict.IsUnknown : named.FirstOrDefault() == one.Expected[0];
        if (isFirst) firsts++;
        if (!isFirst || strange.Count > 0 || one.Expected.Except(named).Any())
            Misses.Add($"{one.Name}: wanted {string.Join(", ", one.Expected)}; got {string.Join(", ", verdict.Findings.Select(f => $"{f.Entry.Code} {f.Confidence:0.00} ({f.Evidence[0].Kind}: {f.Evidence[0].Because})"))}; not {string.Join(", ", verdict.RuledOut.Select(r => $"{r.Code} ({r.Why})"))}");
    }

    public override string ToString() =>
        FormattableString.Invariant($"{cases} cases, {firsts} with the right first answer; precision {Precision:0.000}, recall {Recall:0.000}, {wrong} wrong");
}
