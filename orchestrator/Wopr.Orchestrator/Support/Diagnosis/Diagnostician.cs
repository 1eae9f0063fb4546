namespace Wopr.Support.Diagnosis;

/// <summary>From what somebody sent to a verdict, without a look at anything else.</summary>
public sealed class Diagnostician(ErrorCatalogue catalogue)
{
    private readonly Matcher matcher = new(catalogue);

    /// <param name="text">Cleaned and masked.</param>
    /// <param name="known">Evidence that was found otherwise, by code.</param>
    public Verdict Examine(LogText text, IEnumerable<(ErrorCode Code, Evidence Evidence)>? known = null)
    {
        var (evidence, setAside) = matcher.Match(text);
        foreach (var (code, fact) in known ?? [])
        {
            if (!evidence.TryGetValue(code, out var list)) evidence[code] = list = [];
            list.Add(fact);
        }
        return Ranking.Weigh(catalogue, evidence, setAside);
    }
}
