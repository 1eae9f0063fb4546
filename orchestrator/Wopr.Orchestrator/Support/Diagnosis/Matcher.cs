using System.Text.RegularExpressions;

namespace Wopr.Support.Diagnosis;

/// <summary>
/// Compares a text with every entry of the catalogue and gathers what speaks for each code, and what only seems to. What
/// the evidence comes to is decided by <see cref="Ranking"/>.
/// </summary>
public sealed partial class Matcher
{
    private const double CodeWeight = 0.92;
    private const double SignatureWeight = 0.86;
    private const double HintWeight = 0.42;
    private const double LeastWordsWeight = 0.34;
    private const double WordsWeightPerRarity = 0.075;
    private const double MostWordsWeight = 0.76;
    private const double MeaningFactor = 0.9;

    /// <summary>Words below it are as general as the codes that take whatever has no code of its own.</summary>
    private const double ClearWords = 0.55;

    /// <summary>A likeness beyond it weighs more than a few words.</summary>
    private const double Clearly = 0.4;
    private const int MostLinesPerPattern = 50;
    private const int LongestSentence = 400;

    private readonly ErrorCatalogue catalogue;
    private readonly Likeness likeness;
    private readonly Dictionary<WordClue, double> wordWeights = [];

    public Matcher(ErrorCatalogue catalogue)
    {
        this.catalogue = catalogue;
        likeness = new Likeness(catalogue);
        var texts = catalogue.Entries.Select(e => $"{e.Title} {e.Symptom} {e.Cause} {string.Join(' ', e.Clues.Words.Select(w => w.Text))}").ToList();
        foreach (var clue in catalogue.Entries.SelectMany(e => e.Clues.Words))
        {
            // An idea that many entries share says little about any of them.
            var rarity = clue.Wanted.Sum(w => Math.Log((double)texts.Count / Math.Max(1, texts.Count(t => w.IsMatch(t)))));
            wordWeights[clue] = Math.Min(MostWordsWeight, LeastWordsWeight + WordsWeightPerRarity * rarity);
        }
    }

    /// <summary>The evidence in a text, by code, and what of it was set aside.</summary>
    public (Dictionary<ErrorCode, List<Evidence>> For, List<RuledOut> SetAside) Match(LogText text)
    {
        var found = new Dictionary<ErrorCode, List<Evidence>>();
        var aside = new List<RuledOut>();
        var heard = text.Lines.Where(l => !Sentences.GivesOrders(l.Text)).ToList();
        foreach (var (named, line) in NamedCodes(heard)) Add(found, named, line);
        var plain = Sentences.Plain(text.Whole);
        var claims = text.IsProse ? Claims(heard.FindAll(l => !Sentences.IsOfOtherSystems(l.Text))) : [];
        foreach (var entry in catalogue.Entries)
        {
            foreach (var signature in entry.Signatures) Gather(entry, signature, EvidenceKind.Signature, SignatureWeight);
            foreach (var hint in entry.Clues.Hints) Gather(entry, hint, EvidenceKind.Hint, HintWeight);
            foreach (var clue in entry.Clues.Words.Where(w => w.MayBeIn(plain)))
            {
                var line = text.IsProse ? claims.FirstOrDefault(c => clue.IsIn(c.Text)) : heard.FirstOrDefault(l => l.Text.Length <= LongestSentence && clue.IsIn(Sentences.Plain(l.Text)) && !Sentences.TellsOfSuccess(l.Text));
                if (line is not null && !entry.Clues.Unless.Any(u => u.Matches(line.Text)))
                    Add(found, entry.Code, new Evidence(line, EvidenceKind.Words, clue.Text, wordWeights[clue]));
            }
            SetAsideWhatIsOver(entry);
        }
        if (text.IsProse && aside.Count == 0 && found.Values.All(all => all.TrueForAll(e => e is { Kind: EvidenceKind.Words, Weight: < ClearWords }))) ListenForMeaning(claims, found);
        else if (text.IsProse && found.Count > 0 && found.Values.All(all => all.TrueForAll(e => e.Kind == EvidenceKind.Words)) && likeness.Best(string.Join(' ', claims.Select(c => c.Text)), claims.FirstOrDefault(), Clearly) is var (code, evidence) && !found.ContainsKey(code))
        {
            // A few words seemed to say one thing, and all of them together say another.
            aside.AddRange(found.Select(f => new RuledOut(f.Key, $"What is said as a whole is more like {code}.", f.Value[0].Line)));
            found.Clear();
            Add(found, code, evidence);
        }
        return (found, aside);

        void Gather(ErrorEntry entry, Signature pattern, EvidenceKind kind, double weight)
        {
            if (!pattern.MayBeIn(text.Whole)) return;
            foreach (var line in heard.Where(l => pattern.Matches(l.Text)).Take(MostLinesPerPattern))
            {
                if (entry.Clues.Unless.FirstOrDefault(u => u.Matches(line.Text)) is { } other)
                    aside.Add(new RuledOut(entry.Code, "The line is about something else.", line));
                else if (Sentences.TellsOfSuccess(line.Text) || (text.IsProse && Sentences.Clauses(line.Text).Any(c => pattern.Matches(c) && Sentences.Denies(c))))
                    aside.Add(new RuledOut(entry.Code, "The line itself says that it is over, or not the cause.", line));
                else Add(found, entry.Code, new Evidence(line, kind, pattern.Pattern, weight, pattern.LengthIn(line.Text)));
            }
        }

        void SetAsideWhatIsOver(ErrorEntry entry)
        {
            if (!found.TryGetValue(entry.Code, out var evidence)) return;
            var last = heard.FindLastIndex(l => evidence.Any(e => e.Line.Number == l.Number && e.Line.Source == l.Source));
            var over = heard.Skip(last + 1).FirstOrDefault(l => entry.Clues.Cleared.Any(c => c.Matches(l.Text)) || (!NotOfOneJob.Contains(AreaOf(entry.Code)) && EndedWell().IsMatch(l.Text)));
            if (over is null) return;
            found.Remove(entry.Code);
            aside.Add(new RuledOut(entry.Code, "It was seen, and was over afterwards.", over));
        }
    }

    /// <summary>Nothing clear was met in the words that were used: what they mean, and at last what they resemble.</summary>
    private void ListenForMeaning(List<LogLine> claims, Dictionary<ErrorCode, List<Evidence>> found)
    {
        claims = claims.FindAll(c => !Sentences.IsOfAProgram(c.Text) && !Sentences.AsksHow(c.Text));
        var widened = claims.Select(c => (Line: c, Text: Thesaurus.Widen(c.Text))).ToList();
        foreach (var entry in catalogue.Entries)
        {
            foreach (var clue in entry.Clues.Words)
            {
                var line = widened.Find(w => clue.IsIn(w.Text)).Line;
                if (line is not null && !entry.Clues.Unless.Any(u => u.Matches(line.Text)))
                    Add(found, entry.Code, new Evidence(line, EvidenceKind.Words, clue.Text, MeaningFactor * wordWeights[clue]));
            }
        }
        if (found.Count == 0 && likeness.Best(string.Join(' ', claims.Select(c => c.Text)), claims.FirstOrDefault()) is var (like, resemblance))
            Add(found, like, resemblance);
    }

    /// <summary>Areas whose troubles outlast a job that ends well.</summary>
    private static readonly HashSet<string> NotOfOneJob = ["ORDER", "PAY", "CONFIG", "AUTH", "DB", "SERVICE", "MAIL", "CADDY"];

    private static string AreaOf(ErrorCode code) => code.Value.Split('-')[0];

    /// <summary>What somebody claims: every clause that denies nothing, and all of them together.</summary>
    private static List<LogLine> Claims(List<LogLine> lines)
    {
        var claims = lines.SelectMany(l => Sentences.Clauses(l.Text).SelectMany(Sentences.Claimed).Where(c => !Sentences.TellsOfSuccess(c)).Select(c => l with { Text = Sentences.Plain(c) })).ToList();
        if (claims.Count > 1) claims.Add(claims[0] with { Text = string.Join(' ', claims.Select(c => c.Text)) });
        return claims;
    }

    private IEnumerable<(ErrorCode, Evidence)> NamedCodes(List<LogLine> lines)
    {
        foreach (var line in lines)
        {
            foreach (Match named in Code().Matches(line.Text))
            {
                var code = new ErrorCode(named.Value);
                if (catalogue.Find(code) is null || Sentences.OnlyMentions(line.Text[..named.Index]) || Sentences.TellsOfSuccess(line.Text)) continue;
                yield return (code, new Evidence(line, EvidenceKind.Code, named.Value, CodeWeight, named.Length));
            }
        }
    }

    private static void Add(Dictionary<ErrorCode, List<Evidence>> found, ErrorCode code, Evidence evidence)
    {
        if (!found.TryGetValue(code, out var list)) found[code] = list = [];
        list.Add(evidence);
    }

    [GeneratedRegex(@"(?<![\w/-])[A-Z]{2,12}-[0-9]{3}(?![\w-])")]
    private static partial Regex Code();

    [GeneratedRegex(@"\b(job|beacon|provisioning|installation|order)\b.{0,80}\b(is completed|completed|is complete|is ready|ready for use|verified)\b|\bstage[= ""':]+complete\b|\bstate[= ""':]+completed\b", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex EndedWell();
}
